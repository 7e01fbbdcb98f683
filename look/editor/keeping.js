// A draft is saved as one types. What isn't saved yet is kept in this browser, so that nothing typed
// is lost: offline, signed out, or in a tab that is closed too soon.

const PAUSE = 700;

export class Keeper {
  // `told(state, words)` shows how it stands: saved, saving, offline, out, changed, wrong.
  constructor({ id, version, told, saved }) {
    this.id = id;
    this.version = version;
    this.told = told;
    this.saved = saved;
    this.key = `one-draft-${id}`;
    this.saving = Promise.resolve();
    addEventListener("online", () => this.waiting !== undefined && this.save());
    addEventListener("pagehide", () => this.waiting !== undefined && this.save({ keepalive: true }));
  }

  // What was typed here and never saved.
  left() {
    try {
      return JSON.parse(localStorage.getItem(this.key) ?? "null");
    } catch {
      return null;
    }
  }

  forget() {
    localStorage.removeItem(this.key);
  }

  // The server has this text, as this version; it may have a later one by now.
  stands(text, version) {
    this.version = Math.max(this.version, version);
    if (this.waiting !== text) return;
    clearTimeout(this.timer);
    this.waiting = undefined;
    this.forget();
    this.told("saved", "Saved");
  }

  keep(text) {
    this.waiting = text;
    try {
      localStorage.setItem(this.key, JSON.stringify({ text, version: this.version }));
    } catch {
      // A full or closed store: the server is still told.
    }
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.save(), PAUSE);
  }

  // Comes back once what is typed by now is saved, or can't be.
  save(more = {}) {
    clearTimeout(this.timer);
    this.saving = this.saving.then(() => this.send(more));
    return this.saving;
  }

  async send(more) {
    const text = this.waiting;
    if (text === undefined || this.parted) return;
    this.told("saving", "Saving…");
    try {
      const answer = await fetch(`/api/drafts/${this.id}`, {
        method: "PUT",
        headers: { "Content-Type": "application/json", "If-Match": `"${this.version}"` },
        body: JSON.stringify({ text }),
        ...more,
      });
      await this.answered(answer, text);
    } catch {
      this.told("offline", "Not saved: no connection. What you type is kept in this browser.");
      this.timer = setTimeout(() => this.save(), 10_000);
    }
  }

  async answered(answer, text) {
    if (answer.ok) {
      this.version = (await answer.json()).version;
      if (this.waiting === text) {
        this.waiting = undefined;
        this.forget();
        this.told("saved", "Saved");
      } else {
        localStorage.setItem(this.key, JSON.stringify({ text: this.waiting, version: this.version }));
      }
      this.saved(this.version);
    } else if (answer.status === 409) {
      this.parted = true;
      this.told("changed", "This draft was changed in another place.");
    } else if (answer.status === 401) {
      this.told("out", "Not saved: you are signed out. What you type is kept in this browser.");
    } else {
      const problem = await answer.json().catch(() => ({}));
      this.told("wrong", `Not saved: ${problem.detail ?? "something went wrong."} ${problem.cure ?? ""}`);
    }
  }
}
