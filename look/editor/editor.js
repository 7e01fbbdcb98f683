// The studio's editor: it takes the place of a form's text area and stays its field.

import { autocompletion, closeBrackets, closeBracketsKeymap, completionKeymap } from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap, indentWithTab, isolateHistory } from "@codemirror/commands";
import { HighlightStyle, indentUnit, syntaxHighlighting } from "@codemirror/language";
import { forEachDiagnostic, lintGutter, linter, lintKeymap } from "@codemirror/lint";
import { highlightSelectionMatches, searchKeymap } from "@codemirror/search";
import { Compartment, EditorState, StateEffect, StateField } from "@codemirror/state";
import {
  Decoration,
  drawSelection,
  EditorView,
  highlightActiveLine,
  highlightActiveLineGutter,
  hoverTooltip,
  keymap,
  lineNumbers,
  placeholder,
} from "@codemirror/view";
import { tags } from "@lezer/highlight";

import { Keeper } from "./keeping.js";
import { language } from "./language.js";
import { changes, difference, offset, place } from "./places.js";

const SEVERITIES = { error: "error", question: "warning", warning: "warning", info: "info" };

async function ask(path, body) {
  const answer = await fetch(path, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
  });
  if (!answer.ok) throw new Error(`${path}: ${answer.status}`);
  return answer.json();
}

// --- what the server says of the text

const checked = (path) => async (view) => {
  const { doc } = view.state;
  let answer;
  try {
    answer = await ask(path, { text: doc.toString() });
  } catch {
    return [];
  }
  const features = answer.items ?? answer.files.flatMap((file) => file.features);
  return features.flatMap((one) => one.diagnostics).map((one) => diagnostic(doc, one));
};

function diagnostic(doc, one) {
  const from = offset(doc, one.start);
  const to = Math.max(from, offset(doc, one.end));
  return {
    from,
    to: to > from ? to : Math.min(from + 1, doc.lineAt(from).to),
    severity: SEVERITIES[one.severity],
    source: one.code,
    message: [one.message, one.why].filter(Boolean).join(" "),
    actions: one.fixes.map((fix) => ({ name: fix.title, apply: (view) => mend(view, fix.edits) })),
  };
}

function mend(view, edits) {
  view.dispatch({ changes: changes(view.state.doc, edits), userEvent: "input.fix", scrollIntoView: true });
  view.focus();
}

// The first fix of the mistake at the cursor, else of the first one after it.
function mendHere(view) {
  const at = view.state.selection.main.head;
  const found = [];
  forEachDiagnostic(view.state, (one, from, to) => {
    if (one.actions?.length) found.push({ one, from, to });
  });
  const line = view.state.doc.lineAt(at);
  const here = found.find(({ from, to }) => from <= at && at <= to)
    ?? found.find(({ from }) => line.from <= from && from <= line.to)
    ?? found.find(({ from }) => from > at)
    ?? found[0];
  if (!here) return false;
  here.one.actions[0].apply(view, here.from, here.to);
  return true;
}

async function complete(context) {
  const before = context.matchBefore(/[\p{L}\p{N}_'’-]+$/u);
  if (!before && !context.explicit && !/[[{]$|^[ \t]+$/.test(context.matchBefore(/.*/).text.slice(-1))) {
    return null;
  }
  const { doc } = context.state;
  const answer = await ask("/api/complete", { text: doc.toString(), ...place(doc, context.pos) }).catch(() => null);
  if (!answer || context.aborted || !answer.items.length) return null;
  return {
    from: offset(doc, answer.start),
    to: context.pos,
    filter: false,
    options: answer.items.map((one) => ({
      label: one.label,
      detail: one.detail,
      info: one.doc ? () => words(one.doc) : undefined,
    })),
  };
}

const explained = hoverTooltip(async (view, at) => {
  const { doc } = view.state;
  const answer = await ask("/api/explain", { text: doc.toString(), ...place(doc, at) }).catch(() => null);
  if (!answer?.text) return null;
  return {
    pos: offset(doc, answer.start),
    end: offset(doc, answer.end),
    above: true,
    create: () => ({ dom: words(answer.text) }),
  };
});

// The little Markdown of explanations: paragraphs, bold words, code.
function words(markdown) {
  const dom = document.createElement("div");
  dom.className = "cm-words";
  for (const [n, part] of markdown.split("```").entries()) {
    if (n % 2 && part.startsWith("json")) continue; // the step as data, which a writer need not read
    if (n % 2) {
      const pre = dom.appendChild(document.createElement("pre"));
      pre.textContent = part.replace(/^\w*\n/, "").trimEnd();
    } else {
      for (const said of part.split(/\n{2,}/).filter((one) => one.trim())) {
        const p = dom.appendChild(document.createElement("p"));
        for (const [k, run] of said.trim().split(/\*\*|`/).entries()) {
          p.append(k % 2 ? Object.assign(document.createElement("strong"), { textContent: run }) : run);
        }
      }
    }
  }
  return dom;
}

// --- lines that something beside the text speaks of

const speakOf = StateEffect.define();
const spoken = Decoration.line({ class: "cm-spoken" });
const ranLine = Decoration.line({ class: "cm-ran" });

function lines(state, { spoken: one, ran }) {
  const at = (number) => number > 0 && number <= state.doc.lines;
  const marks = [...new Set(ran)].filter(at).map((n) => ranLine.range(state.doc.line(n).from));
  if (at(one)) marks.push(spoken.range(state.doc.line(one).from));
  return Decoration.set(marks, true);
}

const beside = StateField.define({
  create: () => ({ spoken: 0, ran: [] }),
  update(value, transaction) {
    let next = transaction.docChanged ? { spoken: 0, ran: [] } : value;
    for (const effect of transaction.effects) if (effect.is(speakOf)) next = { ...next, ...effect.value };
    return next;
  },
  provide: (field) => EditorView.decorations.compute([field], (state) => lines(state, state.field(field))),
});

// --- how it looks: in the colours of the page

const look = EditorView.theme({
  "&": { height: "100%", fontSize: "13px", color: "var(--foreground)", backgroundColor: "var(--background)" },
  "&.cm-focused": { outline: "none" },
  ".cm-scroller": { fontFamily: "var(--font-code)", lineHeight: "1.65", overflow: "auto" },
  ".cm-content": { padding: "12px 0", caretColor: "var(--foreground)" },
  ".cm-cursor, .cm-dropCursor": { borderLeftColor: "var(--foreground)" },
  ".cm-gutters": { backgroundColor: "transparent", color: "var(--muted-foreground)", border: "none" },
  ".cm-lineNumbers .cm-gutterElement": { padding: "0 8px 0 12px", minWidth: "36px" },
  ".cm-activeLine, .cm-activeLineGutter": { backgroundColor: "color-mix(in oklab, var(--muted) 70%, transparent)" },
  ".cm-activeLineGutter": { color: "var(--foreground)" },
  "&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground": {
    backgroundColor: "color-mix(in oklab, var(--primary) 26%, transparent)",
  },
  ".cm-selectionMatch": { backgroundColor: "color-mix(in oklab, var(--primary) 14%, transparent)" },
  ".cm-spoken": { boxShadow: "inset 3px 0 var(--primary)", backgroundColor: "color-mix(in oklab, var(--primary) 10%, transparent)" },
  ".cm-ran": { boxShadow: "inset 3px 0 var(--success)" },
  ".cm-placeholder": { color: "var(--muted-foreground)" },
  ".cm-tooltip": {
    color: "var(--popover-foreground)",
    backgroundColor: "var(--popover)",
    border: "1px solid var(--border)",
    borderRadius: "8px",
    boxShadow: "0 8px 24px rgb(0 0 0 / 14%)",
    overflow: "hidden",
    maxWidth: "min(36rem, 90vw)",
  },
  ".cm-tooltip.cm-tooltip-autocomplete > ul": { fontFamily: "var(--font-code)", maxHeight: "18rem" },
  ".cm-tooltip.cm-tooltip-autocomplete > ul > li": { padding: "4px 10px", lineHeight: "1.5" },
  ".cm-tooltip.cm-tooltip-autocomplete > ul > li[aria-selected]": {
    color: "var(--foreground)",
    backgroundColor: "color-mix(in oklab, var(--primary) 18%, transparent)",
  },
  ".cm-completionDetail": { color: "var(--muted-foreground)", fontStyle: "normal" },
  "li[aria-selected] .cm-completionDetail": { color: "var(--foreground)" },
  ".cm-completionInfo": { padding: "0" },
  ".cm-words": { padding: "8px 12px", lineHeight: "1.5" },
  ".cm-words p + p, .cm-words pre": { marginTop: "6px" },
  ".cm-words pre": { fontFamily: "var(--font-code)", fontSize: "12px", whiteSpace: "pre-wrap", color: "var(--muted-foreground)" },
  ".cm-diagnostic": { padding: "8px 12px", lineHeight: "1.5", borderLeft: "3px solid" },
  ".cm-diagnostic-error": { borderLeftColor: "var(--destructive)" },
  ".cm-diagnostic-warning": { borderLeftColor: "var(--warning)" },
  ".cm-diagnostic-info": { borderLeftColor: "var(--link)" },
  ".cm-diagnosticSource": { color: "var(--muted-foreground)", fontSize: "11px", opacity: "1" },
  ".cm-diagnosticAction": {
    display: "block",
    margin: "6px 0 0",
    padding: "3px 10px",
    font: "inherit",
    fontWeight: "500",
    color: "var(--primary-foreground)",
    backgroundColor: "var(--primary)",
    borderRadius: "6px",
    cursor: "pointer",
    textAlign: "left",
  },
  ".cm-lintRange": { backgroundImage: "none", textDecoration: "underline wavy 1px", textUnderlineOffset: "3px" },
  ".cm-lintRange-error": { textDecorationColor: "var(--destructive)" },
  ".cm-lintRange-warning": { textDecorationColor: "var(--warning)" },
  ".cm-lintRange-info": { textDecorationStyle: "dotted", textDecorationColor: "var(--link)" },
  ".cm-lint-marker": { content: "none", width: "8px", height: "8px", borderRadius: "50%", marginTop: "7px", display: "block" },
  ".cm-lint-marker-error": { backgroundColor: "var(--destructive)" },
  ".cm-lint-marker-warning": { backgroundColor: "var(--warning)" },
  ".cm-lint-marker-info": { backgroundColor: "color-mix(in oklab, var(--link) 55%, transparent)" },
  ".cm-panels": { color: "var(--foreground)", backgroundColor: "var(--muted)" },
  ".cm-panels.cm-panels-bottom": { borderTop: "1px solid var(--border)" },
  ".cm-panel.cm-panel-lint ul [aria-selected]": { backgroundColor: "color-mix(in oklab, var(--primary) 18%, transparent)" },
  ".cm-panel.cm-panel-lint button, .cm-panel.cm-search button[name=close]": { color: "inherit" },
  ".cm-panel.cm-search": { padding: "8px 12px", fontFamily: "inherit" },
  ".cm-textfield": { color: "inherit", backgroundColor: "var(--background)", border: "1px solid var(--input)", borderRadius: "6px", padding: "3px 8px" },
  ".cm-button": { color: "inherit", backgroundImage: "none", backgroundColor: "var(--background)", border: "1px solid var(--border)", borderRadius: "6px" },
});

const colours = HighlightStyle.define([
  { tag: tags.heading, color: "var(--code-head)", fontWeight: "700" },
  { tag: tags.keyword, color: "var(--code-command)", fontWeight: "650" },
  { tag: tags.modifier, color: "var(--code-clause)", fontWeight: "600" },
  { tag: tags.strong, fontWeight: "600" },
  { tag: tags.typeName, color: "var(--code-type)" },
  { tag: tags.variableName, color: "var(--code-name)" },
  { tag: tags.string, color: "var(--code-text)" },
  { tag: tags.number, color: "var(--code-number)" },
  { tag: tags.comment, color: "var(--muted-foreground)", fontStyle: "italic" },
]);

// Typing over what is selected. Left to itself a browser makes up inline styles for what it puts in,
// which no page of ours may have.
const typedOver = EditorView.domEventHandlers({
  beforeinput(event, view) {
    const { main } = view.state.selection;
    if (event.inputType !== "insertText" || !event.data || main.empty || view.composing) return false;
    event.preventDefault();
    const insert = () =>
      view.state.update(view.state.replaceSelection(event.data), { userEvent: "input.type", scrollIntoView: true });
    const taken = view.state
      .facet(EditorView.inputHandler)
      .some((handle) => handle(view, main.from, main.to, event.data, insert));
    if (!taken) view.dispatch(insert());
    return true;
  },
});

// --- an editor in the place of a text area

class Editor {
  constructor(area) {
    this.area = area;
    this.asked = new Set();
    this.shown = 0;
    const tongue = new Compartment();
    const { check } = area.dataset;
    this.view = new EditorView({
      state: EditorState.create({
        doc: area.value,
        extensions: [
          EditorView.cspNonce.of(document.querySelector('meta[name="style-nonce"]')?.content ?? ""),
          lineNumbers(),
          lintGutter(),
          history(),
          drawSelection(),
          closeBrackets(),
          typedOver,
          highlightActiveLine(),
          highlightActiveLineGutter(),
          highlightSelectionMatches(),
          EditorState.tabSize.of(2),
          indentUnit.of("  "),
          EditorView.lineWrapping,
          placeholder(area.placeholder),
          autocompletion({ override: [complete], icons: false }),
          linter(checked(check), { delay: 350 }),
          explained,
          beside,
          tongue.of([]),
          syntaxHighlighting(colours),
          look,
          keymap.of([
            { key: "Mod-.", run: mendHere },
            { key: "Mod-Shift-.", run: () => this.press("mend") },
            { key: "Shift-Alt-f", run: () => this.press("tidy") },
            { key: "Mod-s", run: () => this.saveNow() },
            { key: "Mod-Enter", run: () => this.goOn() },
            ...closeBracketsKeymap,
            ...defaultKeymap,
            ...searchKeymap,
            ...historyKeymap,
            ...completionKeymap,
            ...lintKeymap,
            indentWithTab,
          ]),
          EditorView.contentAttributes.of({
            "aria-label": area.getAttribute("aria-label") ?? area.labels[0]?.textContent.trim() ?? "Text",
            "aria-describedby": area.getAttribute("aria-describedby") ?? "",
            spellcheck: "false",
            tabindex: "0",
          }),
          EditorView.updateListener.of((update) => this.updated(update)),
        ],
      }),
    });
    for (const one of document.querySelectorAll("[data-plain]")) one.hidden = true;
    area.hidden = true;
    area.required = false;
    area.after(this.view.dom);
    this.view.dom.dataset.of = area.name;
    fetch("/api/words")
      .then((answer) => answer.json())
      .then(({ items }) => this.view.dispatch({ effects: tongue.reconfigure(language(items)) }))
      .catch(() => undefined);
    this.panel = document.getElementById("beside");
    if (area.dataset.draft) this.keepDraft();
    if (this.panel) this.couple();
    if (area.autofocus) this.view.focus();
  }

  get text() {
    return this.view.state.doc.toString();
  }

  updated(update) {
    if (update.docChanged) {
      this.area.value = this.text;
      this.keeper?.keep(this.area.value);
    }
    if (update.selectionSet || update.docChanged) this.pointBeside();
  }

  put(text) {
    this.view.dispatch({ changes: { from: 0, to: this.view.state.doc.length, insert: text } });
  }

  // Another text in the place of this one, as one change that can be undone; the cursor keeps its
  // line and column.
  become(text) {
    const { state } = this.view;
    const { head } = state.selection.main;
    const was = state.doc.lineAt(head);
    const changes = state.changes(difference(state.doc, text));
    const doc = changes.apply(state.doc);
    const line = doc.line(Math.min(was.number, doc.lines));
    this.view.dispatch({
      changes,
      selection: { anchor: Math.min(line.from + head - was.from, line.to) },
      annotations: isolateHistory.of("full"),
      userEvent: "input.become",
    });
  }

  press(what) {
    const button = document.querySelector(`button[form="draft"][value="${what}"], #draft button[value="${what}"]`);
    if (button) this.led(button);
    return Boolean(button);
  }

  saveNow() {
    this.keeper?.save();
    return true;
  }

  goOn() {
    const button = [...(this.area.form?.elements ?? [])].find((one) => "goOn" in one.dataset);
    button?.click();
    return Boolean(button);
  }

  // --- the draft

  keepDraft() {
    const { draft, version } = this.area.dataset;
    const status = document.getElementById("saved");
    this.keeper = new Keeper({
      id: draft,
      version: Number(version),
      told: (state, said) => {
        status.dataset.state = state;
        status.querySelector("span").textContent = said;
        for (const more of status.querySelectorAll("[data-when]")) more.hidden = more.dataset.when !== state;
      },
      saved: (now) => {
        for (const field of document.querySelectorAll('input[name="version"]')) field.value = now;
        this.renew();
      },
    });
    const left = this.keeper.left();
    if (left && left.text !== this.text) {
      this.keeper.version = left.version;
      this.put(left.text);
      for (const field of document.querySelectorAll('input[name="version"]')) field.value = left.version;
    } else if (left) this.keeper.forget();
    // The form says it all itself; of a page that comes back nothing is saved twice.
    this.area.form?.addEventListener("submit", () => (this.keeper.parted = true));
    addEventListener("pageshow", ({ persisted }) => persisted && location.reload());
    const dropped = document.querySelector("form[data-drops]");
    dropped?.addEventListener("submit", () => {
      this.keeper.parted = true;
      this.keeper.forget();
    });
  }

  // --- what stands beside the text

  couple() {
    const speak = (event) => {
      const about = event.target.closest?.("[data-line]");
      this.view.dispatch({ effects: speakOf.of({ spoken: Number(about?.dataset.line ?? 0) }) });
    };
    this.panel.addEventListener("mouseover", speak);
    this.panel.addEventListener("focusin", speak);
    this.panel.addEventListener("mouseleave", speak);
    this.panel.addEventListener("focusout", speak);
    this.panel.addEventListener("click", (event) => this.clicked(event));
    document.getElementById("beside-tabs")?.addEventListener("click", (event) => this.clicked(event));
    for (const button of document.querySelectorAll("[data-leads]")) {
      button.addEventListener("click", (event) => {
        event.preventDefault();
        this.led(button);
      });
    }
    this.showRan();
  }

  // Buttons of the form: what they lead to is put beside the text, and what they made of it into it.
  async led(button) {
    const asked = `${button.name}=${button.value}`;
    if (this.asked.has(asked)) return;
    this.asked.add(asked);
    this.showAsked();
    try {
      await this.keeper?.save();
      if (this.keeper?.parted) this.area.form.requestSubmit(button);
      else await this.answered(button);
    } finally {
      this.asked.delete(asked);
      this.showAsked();
    }
  }

  async answered(button) {
    const { form } = this.area;
    const text = this.text;
    const body = new URLSearchParams(new FormData(form, button));
    this.shown += 1;
    const answer = await fetch(form.action, { method: "POST", body, headers: { Accept: "text/html" } }).catch(() => null);
    if (!answer) return this.keeper?.told("offline", "No connection: nothing was done.");
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    if (!page.getElementById("beside")) return form.requestSubmit(button);
    if (answer.redirected) window.history.replaceState(null, "", answer.url);
    const version = Number(page.querySelector('#draft input[name="version"]').value);
    const made = page.querySelector('#draft textarea[name="text"]').value;
    this.keeper?.stands(text, version);
    if (made !== text && this.text === text) {
      this.become(made);
      this.keeper?.stands(made, version);
    }
    this.shown += 1;
    this.show(page, button);
  }

  // What was asked for and isn't there yet.
  showAsked() {
    for (const button of document.querySelectorAll("#draft button, button[form=draft]")) {
      const asked = this.asked.has(`${button.name}=${button.value}`);
      if (asked) button.setAttribute("aria-busy", "true");
      else button.removeAttribute("aria-busy");
    }
  }

  clicked(event) {
    const fix = event.target.closest("[data-edits]");
    if (fix && this.keeper?.waiting === undefined) {
      event.preventDefault();
      mend(this.view, JSON.parse(fix.dataset.edits));
      this.keeper?.save();
      return;
    }
    const button = event.target.closest('button[form="draft"]');
    if (button && !fix) {
      event.preventDefault();
      this.led(button);
      return;
    }
    const about = event.target.closest("[data-line]");
    if (about && !event.target.closest("a, button, input, select, textarea, summary")) {
      const line = Number(about.dataset.line);
      if (line > 0 && line <= this.view.state.doc.lines) {
        this.view.dispatch({ selection: { anchor: this.view.state.doc.line(line).to }, scrollIntoView: true });
        this.view.focus();
      }
    }
  }

  pointBeside() {
    if (!this.panel) return;
    const here = this.view.state.doc.lineAt(this.view.state.selection.main.head).number;
    for (const one of this.panel.querySelectorAll("[data-line]")) {
      one.classList.toggle("spoken", this.view.hasFocus && Number(one.dataset.line) === here);
    }
  }

  showRan() {
    const ran = [...this.panel.querySelectorAll("[data-ran]")].map((one) => Number(one.dataset.line));
    this.view.dispatch({ effects: speakOf.of({ ran }) });
  }

  // The page as it is for the saved text; what somebody fills in meanwhile stays.
  async renew() {
    if (!this.panel || this.panel.querySelector("[data-stays]:focus-within")) return;
    const { shown } = this;
    const here = new URL(location.href);
    for (const told of ["done", "at"]) here.searchParams.delete(told);
    const answer = await fetch(here, { headers: { Accept: "text/html" } }).catch(() => null);
    if (!answer?.ok) return;
    const text = await answer.text();
    if (shown !== this.shown) return; // something was asked for since
    this.show(new DOMParser().parseFromString(text, "text/html"));
  }

  show(page, button) {
    const { name, value } = button ?? document.activeElement ?? {};
    for (const id of ["called", "beside-tabs", "beside", "outcome", "did"]) {
      const now = document.getElementById(id);
      const next = page.getElementById(id);
      if (!now || !next) continue;
      // What was made for somebody stays until they ask for something else.
      const asked = button && !button.hasAttribute("data-leads");
      if (!asked && now.querySelector("[data-kept] > *")) continue;
      if (!button) keepFilled(now, next);
      now.replaceChildren(...next.childNodes);
    }
    const tab = page.querySelector('#draft input[name="tab"]');
    for (const field of document.querySelectorAll('input[name="tab"]')) field.value = tab.value;
    for (const field of document.querySelectorAll('input[name="version"]')) field.value = this.keeper.version;
    if (name && document.activeElement === document.body) {
      const again = [...document.querySelectorAll(`button[name="${name}"]`)];
      (again.find((one) => one.value === value) ?? again[0])?.focus();
    }
    this.showAsked();
    this.showRan();
    this.pointBeside();
  }
}

// What somebody filled in stays when the page around it is made anew.
function keepFilled(now, next) {
  for (const field of now.querySelectorAll("[data-stays] :is(input, select, textarea)")) {
    const same = field.id && next.querySelector(`#${CSS.escape(field.id)}`);
    if (same) same.value = field.value;
  }
}

for (const area of document.querySelectorAll("textarea[data-check]")) new Editor(area);

// A file that fills a field.
for (const chosen of document.querySelectorAll("input[type=file][data-fills]")) {
  chosen.addEventListener("change", async () => {
    const field = document.getElementById(chosen.dataset.fills);
    field.value = (await chosen.files[0]?.text()) ?? "";
    field.focus();
  });
}
