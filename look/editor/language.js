// ONE's language for the eye: commands, clauses, types, names in brackets, texts, amounts, comments.
// The words come from the server, so that the editor knows what the compiler knows.

import { StreamLanguage } from "@codemirror/language";

const AMOUNT =
  /^(?:[$€£¥]\s?\d[\d,.]*|\d[\d,]*(?:\.\d+)?\+?(?:\s?%|\s(?:percent|dollars?|euros?|million|thousand|seconds?|minutes?|hours?|days?|weeks?|months?|years?|tokens?|times)\b|\s?[ap]m\b)?)/i;
const LEAD = /^(?:[-*•]\s+|\d+[.)]\s+|[*_#]{1,3}(?=\w))/;

class Phrases {
  constructor(phrases) {
    this.words = new Set(phrases.map((one) => one.toLowerCase()));
    this.longest = Math.max(1, ...phrases.map((one) => one.split(" ").length));
  }

  // How many characters the longest known phrase takes that the text begins with.
  length(text, loud = false) {
    const found = /^[\p{L}'’-]+(?: [\p{L}'’-]+)*/u.exec(text);
    if (!found) return 0;
    const words = found[0].split(" ").slice(0, this.longest);
    for (; words.length; words.pop()) {
      const tried = words.join(" ");
      const fits = !loud || tried === tried.toUpperCase();
      if (fits && this.words.has(tried.toLowerCase())) return tried.length;
    }
    return 0;
  }
}

export function language(words) {
  const of = (...kinds) =>
    new Phrases(
      words.filter((one) => kinds.includes(one.kind)).flatMap((one) => [one.words, ...one.also]),
    );
  const heads = of("part");
  const commands = of("command");
  const clauses = of("clause");
  const known = of("type", "service");

  function atStart(stream) {
    const lead = stream.match(LEAD);
    if (lead) return { lead };
    const rest = stream.string.slice(stream.pos);
    for (const [phrases, colour] of [[heads, "heading"], [commands, "keyword"], [clauses, "modifier"]]) {
      const length = phrases.length(rest);
      if (length) {
        stream.pos += length;
        return { colour, said: rest.slice(0, length).toUpperCase() };
      }
    }
    return {};
  }

  // What comes after some words: the title of a feature, the type that is made, a name that is given.
  function following(said) {
    if (said.startsWith("FEATURE") || said === "NEW FEATURE") return "title";
    if (said === "CREATE" || said === "CALL") return "type";
    return said.startsWith("SAVE") && said.endsWith(" AS") ? "name" : "";
  }

  function within(stream, state) {
    if (stream.match(/^[[{][^\]}\n]*[\]}]/)) return "variableName";
    if (stream.match(/^["”]/)) {
      state.quoted = false;
      return "string";
    }
    stream.next();
    stream.match(/^[^"”[{\n]*/);
    return "string";
  }

  function shouted(stream) {
    const rest = stream.string.slice(stream.pos);
    if (!/^[A-Z]{2}/.test(rest)) return undefined;
    for (const [phrases, colour] of [[commands, "keyword"], [clauses, "modifier"]]) {
      const length = phrases.length(rest, true);
      if (length) {
        stream.pos += length;
        return { colour, said: rest.slice(0, length) };
      }
    }
    return undefined;
  }

  function awaited(stream, state) {
    const { comes } = state;
    state.comes = "";
    if (comes === "title" && stream.match(/^[^#\n]+/)) return "strong";
    if (comes === "name" && stream.match(/^[\p{L}\p{N}_'’ -]+/u)) return "variableName";
    const length = comes === "type" ? known.length(stream.string.slice(stream.pos)) : 0;
    stream.pos += length;
    return length ? "typeName" : undefined;
  }

  function token(stream, state) {
    if (stream.sol()) {
      state.quoted = false;
      state.start = true;
      state.comes = "";
      if (stream.match(/^\s*-{3,}.*$/)) return "comment";
    }
    if (state.quoted) return within(stream, state);
    if (stream.eatSpace()) return null;
    const apart = stream.pos === 0 || /\s/.test(stream.string[stream.pos - 1]);
    if (apart && stream.match(/^(?:#|\/\/).*$/)) return "comment";
    if (state.start) {
      const { lead, colour, said } = atStart(stream);
      if (lead) {
        state.name = stream.match(/^[^:"\n]+(?=:)/, false);
        return null;
      }
      state.start = false;
      if (colour) {
        state.comes = following(said);
        return colour;
      }
    }
    if (state.comes && !stream.match(/^:/)) {
      const colour = awaited(stream, state);
      if (colour) return colour;
    }
    if (state.name) {
      state.name = null;
      stream.match(/^[^:"\n]+/);
      return "variableName";
    }
    if (stream.match(/^["“]/)) {
      state.quoted = true;
      return "string";
    }
    if (stream.match(/^\[[^\]\n]*\]|^\{[^}\n]*\}/)) return "variableName";
    if (stream.match(AMOUNT)) return "number";
    const loud = shouted(stream);
    if (loud) {
      state.comes = following(loud.said);
      return loud.colour;
    }
    if (!stream.match(/^[\p{L}\p{N}_'’-]+/u)) stream.next();
    return null;
  }

  return StreamLanguage.define({
    name: "one",
    startState: () => ({ start: true, quoted: false, name: null, comes: "" }),
    token,
    languageData: { commentTokens: { line: "#" }, closeBrackets: { brackets: ["(", "[", "{", '"'] } },
  });
}
