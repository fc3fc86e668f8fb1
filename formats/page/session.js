"use strict";
// What a page of a session does: search, filters, unfolding, the way from event to event. It makes
// text of what a log says, and never HTML.
(() => {
  const element = (id) => document.getElementById(id);
  const rows = Array.from(document.querySelectorAll("article"));
  const place = new Map(rows.map((row, index) => [row.id, index]));
  const kindOf = rows.map((row) => row.classList[0]);
  const toolOf = rows.map((row) => row.dataset.tool);
  const isBookkeeping = rows.map((row) => row.classList.contains("bookkeeping"));
  const sections = Array.from(document.querySelectorAll(".rows > section"));
  const sectionOf = new Uint32Array(rows.length);
  const rowsOf = sections.map(() => []);
  const numberOfSection = new Map(sections.map((section, index) => [section, index]));
  sections.forEach((section, index) => {
    for (const row of section.querySelectorAll("article")) {
      const number = place.get(row.id);
      sectionOf[number] = index;
      rowsOf[index].push(number);
    }
  });
  const search = element("search");
  const tool = element("tool");
  const bookkeeping = element("bookkeeping");
  const count = element("count");
  const kindButtons = Array.from(document.querySelectorAll("button.kind"));
  const kinds = new Set();
  const shownCharacters = 100000;
  const rowHeight = 32;
  let current = -1;

  const numberOf = (row) => Number(row.id.slice(1));
  const make = (name, className, text) => {
    const made = document.createElement(name);
    if (className) made.className = className;
    if (text !== undefined) made.textContent = text;
    return made;
  };

  // Packed blocks: base64 of gzip. Those of an event are in its section.

  async function unpack(block) {
    const packed = atob(block.textContent);
    const bytes = new Uint8Array(packed.length);
    for (let i = 0; i < packed.length; ++i) bytes[i] = packed.charCodeAt(i);
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
    return new Response(stream).text();
  }

  class Blocks {
    constructor(className, numberOfLine) {
      this.blocks = Array.from(document.querySelectorAll("script." + className));
      this.numberOfLine = numberOfLine;
      this.recent = new Map();
    }

    async lines(index) {
      return (await unpack(this.blocks[index])).split("\n").filter((line) => line !== "");
    }

    // The line of an event; undefined where there is none.
    async line(number) {
      const row = rows[place.get("e" + number)];
      const index = this.blocks.findIndex((block) => block.parentNode === row.parentNode);
      if (index < 0) return undefined;
      if (!this.recent.has(index)) {
        const found = new Map();
        for (const line of await this.lines(index)) found.set(this.numberOfLine(line), line);
        if (this.recent.size >= 4) this.recent.delete(this.recent.keys().next().value);
        this.recent.set(index, found);
      }
      return this.recent.get(index).get(number);
    }
  }

  const details = new Blocks("details", (line) => JSON.parse(line)[0]);
  const stored = new Blocks("stored", (line) => Number(members(line).sequence_number));

  // The members of an object, as they are written.
  function members(line) {
    const found = {};
    let at = line.indexOf("{") + 1;
    const skipString = () => {
      for (++at; line[at] !== '"'; ++at) if (line[at] === "\\") ++at;
      ++at;
    };
    while (at < line.length) {
      const keyAt = line.indexOf('"', at);
      if (keyAt < 0) break;
      at = keyAt;
      skipString();
      const key = line.slice(keyAt + 1, at - 1);
      at = line.indexOf(":", at) + 1;
      const valueAt = at;
      let depth = 0;
      while (at < line.length) {
        const c = line[at];
        if (c === '"') {
          skipString();
          continue;
        }
        if (depth === 0 && (c === "," || c === "}")) break;
        if (c === "{" || c === "[") ++depth;
        if (c === "}" || c === "]") --depth;
        ++at;
      }
      found[key] = line.slice(valueAt, at).trim();
      ++at;
    }
    return found;
  }

  // Search: in what `agentstore replay --grep` looks into, type, payload and metadata.

  function resolved(json) {
    if (!json.includes("\\")) return json;
    const pieces = [];
    for (let at = 0; at < json.length;) {
      const quote = json.indexOf('"', at);
      if (quote < 0) {
        pieces.push(json.slice(at));
        break;
      }
      let end = quote + 1;
      while (json[end] !== '"') end += json[end] === "\\" ? 2 : 1;
      const token = json.slice(quote, ++end);
      pieces.push(json.slice(at, quote), token.includes("\\") ? '"' + JSON.parse(token) + '"' : token);
      at = end;
    }
    return pieces.join("");
  }

  let texts = null;
  let lowered = null;
  let reading = null;

  async function readTexts() {
    const read = rows.map(() => "");
    const put = (number, text) => {
      const index = place.get("e" + number);
      if (index !== undefined) read[index] = text;
    };
    if (stored.blocks.length > 0) {
      for (let i = 0; i < stored.blocks.length; ++i)
        for (const line of await stored.lines(i)) {
          const event = members(line);
          put(Number(event.sequence_number),
            JSON.parse(event.type) + "\n" + resolved(event.payload || "") + "\n" +
            resolved(event.metadata || ""));
        }
    } else {
      rows.forEach((row, index) => { read[index] = row.textContent; });
      for (let i = 0; i < details.blocks.length; ++i)
        for (const line of await details.lines(i)) {
          const [number, parts] = JSON.parse(line);
          const index = place.get("e" + number);
          read[index] += "\n" + parts.map((part) => part[2]).join("\n");
        }
    }
    texts = read;
    lowered = read.map((text) => text.toLowerCase());
    document.body.classList.add("searchable");
  }

  const readOnce = () => (reading = reading || readTexts());

  function matches(query) {
    if (query === "") return () => true;
    const among = /[A-Z]/.test(query) ? texts : lowered;
    const wanted = among === lowered ? query.toLowerCase() : query;
    return (index) => among[index].includes(wanted);
  }

  const spelled = (number) => number.toLocaleString("en-US");
  const counted = (number) => spelled(number) + (number === 1 ? " event" : " events");

  // Which rows are shown. Sections on the screen follow at once, those beyond it when there is time,
  // or when they come near: a letter typed costs what is seen, not what there is.

  const shown = new Uint8Array(rows.length).fill(1);
  const stale = new Set();
  const near = new Set();

  function apply(section) {
    for (const i of rowsOf[section]) if (rows[i].hidden === (shown[i] === 1)) rows[i].hidden = shown[i] === 0;
    stale.delete(section);
    document.body.classList.toggle("settled", stale.size === 0);
  }

  const whenIdle = window.requestIdleCallback
    ? (work) => requestIdleCallback(work)
    : (work) => setTimeout(() => work({ timeRemaining: () => 0 }), 30);

  let settling = false;
  function settle() {
    if (settling || stale.size === 0) return;
    settling = true;
    whenIdle((deadline) => {
      settling = false;
      do {
        if (stale.size > 0) apply(stale.values().next().value);
      } while (stale.size > 0 && deadline.timeRemaining() > 4);
      settle();
    });
  }

  const observer = new IntersectionObserver((entries) => {
    for (const entry of entries) {
      const section = numberOfSection.get(entry.target);
      if (!entry.isIntersecting) near.delete(section);
      else {
        near.add(section);
        if (stale.has(section)) apply(section);
      }
    }
  }, { rootMargin: "600px" });
  for (const section of sections) observer.observe(section);

  function show(counts) {
    counts.forEach((number, section) => {
      sections[section].hidden = number === 0;
      sections[section].style.containIntrinsicBlockSize = number * rowHeight + "px";
      stale.add(section);
    });
    let seen = 0;
    for (let section = near.size > 0 ? Math.min(...near) : 0; section < sections.length && seen < 120; ++section) {
      if (counts[section] === 0) continue;
      apply(section);
      seen += counts[section];
    }
    settle();
  }

  function filter() {
    const query = search.value;
    if (query !== "" && texts === null) {
      count.textContent = "reading…";
      readOnce().then(filter, (error) => { count.textContent = "cannot be searched: " + error.message; });
      return;
    }
    const found = matches(query);
    const withBookkeeping = bookkeeping === null || bookkeeping.checked;
    const filtered = query !== "" || tool.value !== "" || kinds.size > 0;
    const wantedTool = tool.value;
    const counts = new Uint32Array(sections.length);
    let sum = 0;
    for (let i = 0; i < rows.length; ++i) {
      const takes = (kinds.size === 0 || kinds.has(kindOf[i])) &&
        (wantedTool === "" || toolOf[i] === wantedTool) && found(i);
      const left = takes && isBookkeeping[i] && !withBookkeeping;
      shown[i] = takes && !left ? 1 : 0;
      if (shown[i] === 1) {
        ++sum;
        ++counts[sectionOf[i]];
      }
    }
    document.body.classList.toggle("filtered", filtered);
    show(counts);
    count.textContent =
      filtered || sum < rows.length ? spelled(sum) + " of " + counted(rows.length) : counted(sum);
  }

  function clearFilters() {
    search.value = "";
    tool.value = "";
    kinds.clear();
    for (const button of kindButtons) button.setAttribute("aria-pressed", "false");
    filter();
  }

  // The current event.

  const actions = make("div");
  actions.id = "actions";
  const copyLink = make("button", "", "copy link");
  const showStored = make("button", "", "stored line");
  copyLink.type = showStored.type = "button";
  actions.append(copyLink);
  if (stored.blocks.length > 0) actions.append(showStored);

  const isShown = (index) => shown[index] === 1;

  function choose(index, block) {
    if (index < 0 || index >= rows.length) return;
    if (current >= 0) rows[current].classList.remove("current");
    current = index;
    if (stale.has(sectionOf[index])) apply(sectionOf[index]);
    rows[index].classList.add("current");
    rows[index].append(actions);
    if (block) rows[index].scrollIntoView({ block });
  }

  function step(from, by, wanted) {
    for (let i = from; i >= 0 && i < rows.length; i += by)
      if (isShown(i) && wanted(rows[i])) return i;
    return -1;
  }

  const move = (by) => {
    const begun = current < 0 ? (by > 0 ? 0 : rows.length - 1) : current + by;
    choose(step(begun, by, () => true), "nearest");
  };

  function toError(by) {
    const failed = (row) => row.classList.contains("failed");
    let index = step(current < 0 ? (by > 0 ? 0 : rows.length - 1) : current + by, by, failed);
    if (index < 0) index = step(by > 0 ? 0 : rows.length - 1, by, failed);
    if (index < 0) count.textContent = "no error among these events";
    else choose(index, "center");
  }

  function toHash() {
    const index = place.get(location.hash.slice(1));
    if (index === undefined) return;
    if (isBookkeeping[index] && bookkeeping !== null) bookkeeping.checked = true;
    filter();
    if (!isShown(index)) clearFilters();
    choose(index, "center");
  }

  // Unfolding.

  function textBlock(text) {
    const pre = make("pre");
    pre.tabIndex = 0;
    pre.textContent = text.slice(0, shownCharacters);
    if (text.length <= shownCharacters) return [pre];
    const more = make("button", "", "show the other " + spelled(text.length - shownCharacters) + " characters");
    more.type = "button";
    more.addEventListener("click", () => {
      pre.textContent = text;
      more.remove();
    });
    return [pre, more];
  }

  function differenceBlock(text) {
    const names = { "+": "added", "-": "removed", "@": "place" };
    const pre = make("pre", "difference");
    pre.tabIndex = 0;
    for (const line of text.slice(0, shownCharacters).split("\n"))
      pre.append(make("span", names[line[0]] || "", line === "" ? " " : line));
    return [pre];
  }

  async function partsOf(row) {
    const line = await details.line(numberOf(row));
    return line === undefined ? [] : JSON.parse(line)[1];
  }

  async function unfold(row, into) {
    const parts = await partsOf(row);
    if (into.querySelector(".parts")) return;
    const box = make("div", "parts");
    for (const [kind, title, text] of parts) {
      box.append(make("h4", "", title));
      box.append(...(kind === "difference" ? differenceBlock(text) : textBlock(text)));
    }
    if (parts.length === 0) box.append(make("p", "note", "There is nothing more to it."));
    into.append(box);
  }

  async function unfoldMessage(button) {
    const row = button.closest("article");
    const parts = await partsOf(row);
    const box = make("div", "parts");
    for (const part of parts) box.append(...textBlock(part[2]));
    for (const shown of Array.from(row.querySelectorAll("div > p, div > pre"))) shown.remove();
    button.replaceWith(box);
  }

  // A result right below its call is unfolded with it.
  function resultOf(row) {
    const next = row.nextElementSibling;
    if (!next || !next.classList.contains("result")) return null;
    const link = next.querySelector("summary a");
    return link && link.getAttribute("href") === "#" + row.id ? next.querySelector("details") : null;
  }

  // Characters that hide themselves or reorder a line are shown by their numbers.
  const visible = (text) => text.replace(
    /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]|[\u{e0000}-\u{e007f}]/gu,
    (c) => "\\u{" + c.codePointAt(0).toString(16) + "}");

  async function toggleStored(index) {
    if (index < 0 || stored.blocks.length === 0) return;
    const row = rows[index];
    const shown = row.querySelector(".stored");
    if (shown) {
      shown.remove();
      return;
    }
    const line = await stored.line(numberOf(row));
    if (line === undefined || row.querySelector(".stored")) return;
    const box = make("div", "stored");
    box.append(...textBlock(visible(line)));
    row.append(box);
  }

  // What people do.

  search.addEventListener("focus", readOnce, { once: true });
  search.addEventListener("input", filter);
  tool.addEventListener("change", filter);
  if (bookkeeping !== null) bookkeeping.addEventListener("change", filter);
  for (const button of kindButtons)
    button.addEventListener("click", () => {
      const kind = button.dataset.kind;
      const pressed = !kinds.delete(kind);
      if (pressed) kinds.add(kind);
      button.setAttribute("aria-pressed", String(pressed));
      filter();
    });
  element("next-error").addEventListener("click", () => toError(1));
  element("show-keys").addEventListener("click", () => element("keys").showModal());
  showStored.addEventListener("click", () => toggleStored(current));
  copyLink.addEventListener("click", () => {
    const link = location.href.split("#")[0] + "#" + rows[current].id;
    const done = () => { copyLink.textContent = "copied"; };
    if (navigator.clipboard) navigator.clipboard.writeText(link).then(done, () => { location.hash = rows[current].id; });
    else location.hash = rows[current].id;
  });

  document.addEventListener("toggle", (event) => {
    const folded = event.target;
    if (folded.tagName !== "DETAILS") return;
    const row = folded.closest("article");
    if (!row) return;
    if (folded.open) unfold(row, folded);
    const result = row.classList.contains("call") ? resultOf(row) : null;
    if (result) result.open = folded.open;
  }, true);

  document.addEventListener("click", (event) => {
    const row = event.target.closest("article");
    if (!row) return;
    if (event.target.classList.contains("more")) unfoldMessage(event.target);
    if (event.target.closest("#actions") === null) choose(place.get(row.id));
  });

  function open(index) {
    if (index < 0) return;
    const folded = rows[index].querySelector("details");
    const more = rows[index].querySelector("button.more");
    if (folded) folded.open = !folded.open;
    else if (more) unfoldMessage(more);
  }

  const keys = {
    "/": () => search.focus(),
    j: () => move(1),
    k: () => move(-1),
    e: () => toError(1),
    E: () => toError(-1),
    o: () => open(current),
    s: () => toggleStored(current),
    g: () => choose(step(0, 1, () => true), "center"),
    G: () => choose(step(rows.length - 1, -1, () => true), "center"),
    "?": () => element("keys").showModal(),
  };

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || element("keys").open) return;
    if (event.key === "Escape") {
      clearFilters();
      if (document.activeElement) document.activeElement.blur();
      return;
    }
    if (/^(INPUT|SELECT|TEXTAREA)$/.test(event.target.tagName) && event.target.type !== "checkbox") return;
    if (!Object.hasOwn(keys, event.key)) return;
    event.preventDefault();
    keys[event.key]();
  });

  window.addEventListener("hashchange", toHash);
  filter();
  toHash();
  // Ready before the first letter is typed, where that takes no time to speak of.
  if (rows.length <= 20000) window.requestIdleCallback ? requestIdleCallback(readOnce) : setTimeout(readOnce, 200);
})();
