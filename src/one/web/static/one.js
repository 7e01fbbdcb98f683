// What makes pages livelier than they are without it; each of them works without.

const $ = (selector, within = document) => within.querySelector(selector);
const all = (selector, within = document) => [...within.querySelectorAll(selector)];

// Ctrl-K: what is typed narrows the places, and the server finds things by their names.
const palette = $("#palette");

function options() {
  return all('[role="option"]', palette).filter((one) => !one.hidden);
}

function choose(one) {
  for (const other of all('[aria-selected="true"]', palette)) other.removeAttribute("aria-selected");
  const input = $("input", palette);
  if (!one) return input.removeAttribute("aria-activedescendant");
  one.id ||= `option-${Math.random().toString(36).slice(2)}`;
  one.setAttribute("aria-selected", "true");
  input.setAttribute("aria-activedescendant", one.id);
  one.scrollIntoView({ block: "nearest" });
}

function narrow() {
  const words = $("input", palette).value.trim().toLowerCase();
  if (!words) $("#palette-things").replaceChildren();
  for (const one of all('[role="option"]', palette)) {
    if (!one.closest("#palette-things")) one.hidden = !one.textContent.toLowerCase().includes(words);
  }
  const left = options();
  $("#palette-none").hidden = left.length > 0 || !words;
  choose(left[0]);
}

function openPalette() {
  if (palette.open) return;
  $("input", palette).value = "";
  narrow();
  palette.showModal();
}

if (palette) {
  document.addEventListener("click", (event) => {
    if (!event.target.closest("[data-palette]")) return;
    event.preventDefault();
    openPalette();
  });
  document.addEventListener("keydown", (event) => {
    if (event.key.toLowerCase() !== "k" || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    openPalette();
  });
  palette.addEventListener("input", narrow);
  palette.addEventListener("htmx:after:swap", () => {
    for (const one of all("#palette-things a")) one.setAttribute("role", "option");
    narrow();
  });
  palette.addEventListener("click", (event) => event.target === palette && palette.close());
  palette.addEventListener("keydown", (event) => {
    const left = options();
    const at = left.findIndex((one) => one.getAttribute("aria-selected") === "true");
    if (event.key === "ArrowDown") choose(left[(at + 1) % left.length]);
    else if (event.key === "ArrowUp") choose(left[(at - 1 + left.length) % left.length]);
    else if (event.key === "Enter" && left[at]) left[at].click();
    else return;
    event.preventDefault();
  });
}

// Dialogs: a button opens the one that it names; without scripts the link beside it leads to a page.
document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-opens]");
  if (opener) {
    event.preventDefault();
    document.getElementById(opener.dataset.opens)?.showModal();
  }
  if (event.target.closest("[data-closes]")) event.target.closest("dialog")?.close();
});

// Copies what stands in an element.
document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copies]");
  if (!button) return;
  const from = document.getElementById(button.dataset.copies);
  await navigator.clipboard.writeText(from.value ?? from.textContent);
  const words = button.getAttribute("aria-label") ?? button.textContent;
  button.dataset.done = "Copied";
  button.setAttribute("aria-label", "Copied");
  setTimeout(() => {
    delete button.dataset.done;
    button.setAttribute("aria-label", words);
  }, 1500);
});

// A form that is on its way isn't sent again by a second click.
document.addEventListener("submit", (event) => {
  if (event.target.method !== "post" || event.defaultPrevented) return;
  const button = event.submitter;
  if (button?.getAttribute("aria-busy") === "true") return event.preventDefault();
  button?.setAttribute("aria-busy", "true");
});
addEventListener("pageshow", () => {
  for (const button of all('button[aria-busy="true"]')) button.removeAttribute("aria-busy");
});

// Times that say how long ago they are.
const spans = [["day", 86400], ["hour", 3600], ["minute", 60]];
const relative = new Intl.RelativeTimeFormat("en", { numeric: "auto" });

function tellTimes() {
  for (const time of all("time[data-ago]")) {
    const seconds = (new Date(time.dateTime) - Date.now()) / 1000;
    const [unit, size] = spans.find(([, size]) => Math.abs(seconds) >= size) ?? ["second", 1];
    const soon = seconds > 0 ? "in a moment" : "just now";
    const words = unit === "second" ? soon : relative.format(Math.round(seconds / size), unit);
    if (Math.abs(seconds) < 30 * 86400) time.textContent = words;
  }
}
tellTimes();
setInterval(tellTimes, 30_000);
document.addEventListener("htmx:after:swap", tellTimes);

// The address keeps what a list is filtered by.
document.addEventListener("htmx:after:swap", () => {
  const form = $("form[data-keeps]");
  if (!form) return;
  const said = [...new FormData(form)].filter(([, value]) => value);
  const query = new URLSearchParams(said).toString();
  history.replaceState(history.state, "", query ? `?${query}` : location.pathname);
});

// A long list holds the rows near what is looked at. Those far away leave their height, and come
// back from the page that they came from.
const near = new IntersectionObserver((seen) => {
  for (const { target, isIntersecting } of seen) {
    if (isIntersecting) bringBack(target);
    else takeAway(target);
  }
}, { rootMargin: "4000px 0px" });

function takeAway(rows) {
  const height = rows.offsetHeight;
  if ("away" in rows.dataset || !height || rows.contains(document.activeElement)) return;
  const space = document.createElement("tr");
  space.style.height = `${height}px`;
  space.setAttribute("aria-hidden", "true");
  rows.dataset.away = "";
  rows.replaceChildren(space);
}

async function bringBack(rows) {
  if (rows.dataset.away !== "") return;
  rows.dataset.away = "coming";
  try {
    const answer = await fetch(rows.dataset.page);
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const found = all("#list tbody[data-page] > tr", page);
    if (!found.length) throw new Error("nothing there");
    rows.replaceChildren(...found);
    delete rows.dataset.away;
    tellTimes();
  } catch {
    await new Promise((later) => setTimeout(later, 3_000));
    rows.dataset.away = "";
  }
  // asks anew whether they are near: they may have been left meanwhile
  near.unobserve(rows);
  near.observe(rows);
}

const tellRows = () => {
  for (const rows of all("#list tbody[data-page]")) near.observe(rows);
};
tellRows();
document.addEventListener("htmx:after:swap", tellRows);

// Whether the network is there.
const offline = $("#offline");
const tellNetwork = () => (offline.hidden = navigator.onLine);
addEventListener("online", tellNetwork);
addEventListener("offline", tellNetwork);
tellNetwork();

// What is shown is fetched anew when a list or a run that it is of changes, while it is looked at.
const renewing = new Map();

function renew(element) {
  const id = element.id;
  clearTimeout(renewing.get(id));
  renewing.set(id, setTimeout(() => {
    const busy = document.getElementById(id);
    if (!busy || $("[data-further]", busy) || busy.contains(document.activeElement?.closest("input, textarea, select"))) return;
    htmx.ajax("GET", location.href, { target: `#${id}`, select: `#${id}`, swap: "outerMorph" });
  }, 150));
}

class Watch {
  constructor(element) {
    this.id = element.id;
  }

  get element() {
    return document.getElementById(this.id);
  }

  // What it is of may change: a list that is filtered otherwise is another one.
  look() {
    const { live, liveRun } = this.element?.dataset ?? {};
    const path = liveRun ? `/api/runs/${liveRun}/stream` : live?.startsWith("/") ? live : live && `/api/live?${live}`;
    if (document.hidden || (this.source && path === this.path)) return;
    this.rest();
    this.path = path;
    if (!path) return;
    this.source = new EventSource(path);
    const changed = () => this.renew();
    const news = ["gained", "changed", "left", "resync", "step", "run"];
    if (live?.startsWith("/")) news.push("ready"); // what changed before it was followed
    for (const name of news) this.source.addEventListener(name, changed);
    this.source.addEventListener("end", () => this.rest());
  }

  renew() {
    if (this.element) renew(this.element);
    else this.rest();
  }

  rest() {
    this.source?.close();
    this.source = undefined;
  }
}

const watches = all("[data-live], [data-live-run]").map((element) => new Watch(element));
for (const watch of watches) watch.look();
document.addEventListener("htmx:after:swap", () => watches.forEach((watch) => watch.look()));
document.addEventListener("visibilitychange", () => {
  for (const watch of watches) {
    if (document.hidden) watch.rest();
    else {
      watch.look();
      watch.renew();
    }
  }
});
addEventListener("pagehide", () => watches.forEach((watch) => watch.rest()));
