// The toolbar's tools. The HTML is complete without them: each tool shows its own controls when it
// can work here, and a tool that cannot stays hidden. All words come from data attributes.

const page = globalThis.document?.documentElement;

/* ---- The reader's choices ------------------------------------------------------------------ */

/** A choice kept on this device and shown on `<html>`; where storage is blocked it lasts for the
    page. `early.js` applies it before the first paint, this class whenever it changes. */
class Choice {
  #watchers = new Set();

  constructor(key, attribute, initial) {
    Object.assign(this, { key, attribute, initial });
    addEventListener("storage", (event) => {
      if (event.key === key || event.key === null) this.#recall();
    });
    addEventListener("pageshow", (event) => event.persisted && this.#recall());
  }

  get value() {
    return page.getAttribute(this.attribute) ?? this.initial;
  }

  set value(value) {
    this.#apply(value);
    try {
      if (value === this.initial) localStorage.removeItem(this.key);
      else localStorage.setItem(this.key, value);
    } catch {
      // Storage is blocked or full: the page keeps the choice.
    }
  }

  watch(watcher) {
    this.#watchers.add(watcher);
    watcher();
  }

  #recall() {
    try {
      this.#apply(localStorage.getItem(this.key) ?? this.initial);
    } catch {
      // Storage is blocked: what the page shows stays.
    }
  }

  #apply(value) {
    if (value === this.initial) page.removeAttribute(this.attribute);
    else page.setAttribute(this.attribute, value);
    for (const watcher of this.#watchers) watcher();
  }
}

/** The toolbar's status line: announced politely, and seen unless the change itself is. */
class Status {
  constructor(element) {
    this.element = element;
  }

  say(text, { seen = true } = {}) {
    this.element.classList.toggle("visually-hidden", !seen);
    this.element.textContent = text;
  }
}

const fill = (template, values) =>
  template.replace(/\{(\w+)\}/g, (place, name) => values[name] ?? place);

/* ---- Text size, theme, print, share -------------------------------------------------------- */

class TextSize {
  constructor(tool, status, choice) {
    Object.assign(this, { tool, status, choice });
    this.sizes = tool.dataset.sizes.split(" ");
    for (const button of tool.querySelectorAll("[data-step]")) {
      button.addEventListener("click", () => this.step(Number(button.dataset.step)));
    }
    choice.watch(() => this.#markBounds());
    tool.hidden = false;
  }

  /** The place of the present size among the offered ones, or of the nearest. */
  get place() {
    const distance = (size) => Math.abs(size - this.choice.value);
    return this.sizes.reduce(
      (best, size, place) => (distance(size) < distance(this.sizes[best]) ? place : best),
      0,
    );
  }

  step(step) {
    const place = step ? this.place + step : this.sizes.indexOf(this.choice.initial);
    // A button at its bound keeps the focus, so it is not disabled but answers with the size.
    if (this.sizes[place]) this.choice.value = this.sizes[place];
    const size = Number(this.choice.value).toLocaleString(page.lang);
    this.status.say(fill(this.tool.dataset.announcement, { size }), { seen: false });
  }

  #markBounds() {
    for (const button of this.tool.querySelectorAll("[data-step]")) {
      const step = Number(button.dataset.step);
      if (step && !this.sizes[this.place + step]) button.setAttribute("aria-disabled", "true");
      else button.removeAttribute("aria-disabled");
    }
  }
}

/** A button that opens a panel: Escape closes it and returns the focus, leaving it closes it. */
class Disclosure {
  constructor(tool) {
    this.button = tool.querySelector("[aria-controls]");
    this.panel = tool.querySelector(".toolbar__panel");
    this.open = false;
    this.button.addEventListener("click", () => (this.open = !this.open));
    tool.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || !this.open) return;
      event.stopPropagation();
      this.open = false;
      this.button.focus();
    });
    tool.addEventListener("focusout", ({ relatedTarget }) => {
      if (relatedTarget && !tool.contains(relatedTarget)) this.open = false;
    });
    document.addEventListener("pointerdown", ({ target }) => {
      if (!tool.contains(target)) this.open = false;
    });
  }

  get open() {
    return !this.panel.hidden;
  }

  set open(open) {
    this.panel.hidden = !open;
    this.button.setAttribute("aria-expanded", String(open));
    this.panel.removeAttribute("data-end");
    const { right } = this.panel.getBoundingClientRect();
    this.panel.toggleAttribute("data-end", right > page.clientWidth);
  }
}

/** Colours, spacing and font: groups of options in one panel, each a choice of its own. */
class Appearance {
  constructor(tool, status, choices) {
    new Disclosure(tool);
    for (const group of tool.querySelectorAll("[data-choice]")) {
      const choice = choices[group.dataset.choice];
      const options = [...group.querySelectorAll("input")];
      for (const option of options) {
        option.addEventListener("change", () => (choice.value = option.value));
      }
      choice.watch(() => {
        for (const option of options) option.checked = option.value === choice.value;
      });
    }
    tool.hidden = false;
  }
}

class Print {
  /** The link leads to the print page; a plain click prints this one, which looks the same. */
  constructor(tool) {
    if (!globalThis.print) return;
    tool.addEventListener("click", (event) => {
      if (event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
      event.preventDefault();
      print();
    });
  }
}

class Share {
  constructor(tool, status) {
    this.status = status;
    this.address = tool.querySelector(".toolbar__address");
    const button = tool.querySelector("[aria-controls]");
    const copy = tool.querySelector("[data-copied]");
    copy?.querySelector("button").addEventListener("click", () => this.copy(copy.dataset));
    if (copy) copy.hidden = false;
    const { headline: title, address: url } = tool.dataset;
    if ("native" in tool.dataset && navigator.share && navigator.canShare?.({ title, url })) {
      // The device's dialog takes the list's place; it comes back if the dialog cannot open.
      tool.querySelector(".toolbar__panel").hidden = true;
      button.removeAttribute("aria-expanded");
      const share = () => this.#shareNatively(tool, button, { title, url }, share);
      button.addEventListener("click", share);
    } else {
      new Disclosure(tool);
    }
    button.hidden = false;
  }

  async copy({ copied, notCopied }) {
    this.status.say((await this.#copyAddress()) ? copied : notCopied);
  }

  async #copyAddress() {
    try {
      await navigator.clipboard.writeText(this.address.textContent);
      return true;
    } catch {
      // Offices serve portals over plain http inside their network, where there is no clipboard.
      getSelection().selectAllChildren(this.address);
      return document.execCommand("copy");
    }
  }

  async #shareNatively(tool, button, content, listener) {
    try {
      await navigator.share(content);
    } catch (problem) {
      if (problem.name === "AbortError") return;
      button.removeEventListener("click", listener);
      new Disclosure(tool).open = true;
    }
  }
}

/* ---- Reading aloud: from the page to sentences ---------------------------------------------- */

const SILENT = "[aria-hidden='true'], .visually-hidden, script, style, nav, button, svg, audio, video, iframe";

/** The passages of an element in reading order: `{element, text}` per paragraph, heading, item. */
export function passages(element, speech) {
  const found = [];
  let run = "";
  const closeRun = () => {
    if (run.trim()) found.push({ element, text: run });
    run = "";
  };
  for (const node of element.childNodes) {
    if (node.nodeType === Node.TEXT_NODE) run += node.data;
    if (node.nodeType !== Node.ELEMENT_NODE || node.matches(SILENT)) continue;
    const { display } = getComputedStyle(node);
    if (display === "none") continue;
    if (node.localName === "br") run += " ";
    else if (display.startsWith("inline")) run += node.textContent;
    else {
      closeRun();
      found.push(...blockPassages(node, speech));
    }
  }
  closeRun();
  return found;
}

function blockPassages(element, speech) {
  const { texts } = speech;
  if (element.localName === "table") {
    const caption = element.caption?.textContent.trim();
    const text = caption ? fill(texts.unread_table_named, { caption }) : texts.unread_table;
    return [{ element, text }];
  }
  if (element.localName === "figcaption") {
    const caption = element.textContent.trim();
    if (!caption || !speech.captions) return [];
    return [{ element, text: fill(texts.read_caption, { caption }) }];
  }
  return passages(element, speech);
}

/** A text as it is spoken: without the end mark, with dates, numbers and abbreviations in words. */
export function speakable(text, speech) {
  const { language, dictionary, letters, texts } = speech;

  /** `filled`, without its first word where the text before already ends with that word. */
  const phrase = (filled, before) => {
    const last = wordBefore(before).toLowerCase();
    const [first, ...rest] = filled.split(" ");
    return last && last === first.toLowerCase() ? rest.join(" ") : filled;
  };
  const dated = (template, day, month, year) => {
    const name = new Intl.DateTimeFormat(language, { month: "long", timeZone: "UTC" });
    const month_name = name.format(new Date(Date.UTC(2000, month - 1)));
    return fill(texts[template], { day: Number(day), month: Number(month), month_name, year });
  };
  const spelled = (code) =>
    dictionary[code] ??
    code
      .split(/[-–]/)
      .map((part) => dictionary[part] ?? [...part].map((sign) => letters[sign] ?? sign).join(" "))
      .join(" ");
  const dayWords = texts.spoken_day_after.split(" ");
  const isDay = (day, month) => day >= 1 && day <= 31 && month >= 1 && month <= 12;

  const rules = [
    // 03/CT-UBND, 224/2026/NĐ-CP
    [/(\d+\p{L}?)(?:\/((?:19|20)\d\d))?\/(\p{Lu}[\p{L}\d]*(?:[-–&]\p{L}[\p{L}\d]*)*)/u,
      (before, whole, number, year, code) =>
        /\p{Lu}{2}/u.test(code)
          ? fill(texts[year ? "spoken_number_of_year" : "spoken_number"],
              { number, year, code: spelled(code) })
          : whole],
    // 21/5/2020, 21-05-2020, 21.5.2020
    [/(\d{1,2})([/.-])(\d{1,2})([/.-])(\d{4})/u,
      (before, whole, day, sign, month, same, year) =>
        sign === same && isDay(day, month)
          ? phrase(dated("spoken_date", day, month, year), before)
          : whole],
    // 2020-2025, 2024–2025
    [/((?:19|20)\d\d)\s?[-–/]\s?((?:19|20)\d\d)/u,
      (before, whole, first, last) => fill(texts.spoken_range, { first, last })],
    // 5/2020
    [/(\d{1,2})\/((?:19|20)\d\d)/u,
      (before, whole, month, year) =>
        isDay(1, month) ? phrase(dated("spoken_month", 1, month, year), before) : whole],
    // 28/8 after a word such as "ngày" or "sáng", 12/14 elsewhere
    [/(\d{1,4})\/(\d{1,4})/u,
      (before, whole, part, other) =>
        isDay(part, other) && dayWords.includes(wordBefore(before).toLowerCase())
          ? phrase(dated("spoken_day", part, other), before)
          : fill(texts.spoken_fraction, { part, whole: other })],
  ];
  const known = Object.keys(dictionary).sort((one, other) => other.length - one.length);
  if (known.length) {
    const quoted = known.map((short) => short.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
    rules.push([new RegExp(`(${quoted.join("|")})`, "u"), (before, whole) => dictionary[whole]]);
  }
  const plain = text
    .normalize("NFC")
    .replace(/\s+/g, " ")
    .trim()
    .replace(/\s*(?:\.\/\.?|\/\.)(?=["”»]?$)/, ".");
  return rules.reduce((words, [pattern, say]) => sayEach(words, pattern, say), plain);
}

const wordBefore = (text) => /(\p{L}+)\s+$/u.exec(text)?.[1] ?? "";

/** Replace what stands alone: no letter, digit or slash touches it. The sign before it is captured,
    not looked behind at, which older phones cannot do. */
function sayEach(text, pattern, say) {
  const alone = new RegExp(`(^|[^\\p{L}\\p{N}/])(?:${pattern.source})(?![\\p{L}\\p{N}/])`, "gu");
  return text.replace(alone, (match, sign, ...rest) => {
    const [at] = rest.slice(-2); // groups, then place, then the whole text
    return sign + say(text.slice(0, at + sign.length), match.slice(sign.length), ...rest.slice(0, -2));
  });
}

/** Sentences of at most `limit` signs: some voices fall silent after about fifteen seconds. */
export function sentences(text, limit = 200) {
  const whole = text.match(/.+?(?:[.!?…]+["”’»)\]]*(?=\s|$)|$)/gu) ?? [];
  return whole
    .flatMap((sentence) => portions(sentence.trim(), limit))
    .filter((sentence) => /[\p{L}\p{N}]/u.test(sentence));
}

function portions(sentence, limit) {
  const parts = [];
  let rest = sentence;
  while (rest.length > limit) {
    const room = rest.slice(0, limit + 1);
    const clause = /^.*[,;:–](?=\s)/u.exec(room)?.[0] ?? "";
    const words = /^.*(?=\s)/u.exec(room)?.[0] || rest.slice(0, limit);
    const part = clause.length > limit / 3 ? clause : words;
    parts.push(part);
    rest = rest.slice(part.length).trim();
  }
  return rest ? [...parts, rest] : parts;
}

/** The best voice of the language, or none: a foreign voice makes a text impossible to follow. */
export function chooseVoice(voices, language, preferred) {
  const fitting = voices.filter((voice) => voice.lang.toLowerCase().split(/[-_]/)[0] === language);
  const wanted = preferred.map((part) => part.toLowerCase());
  for (const part of wanted) {
    const voice = fitting.find(({ name }) => name.toLowerCase().includes(part));
    if (voice) return voice;
  }
  return fitting.find((voice) => voice.default) ?? fitting[0];
}

/* ---- Reading aloud: the player -------------------------------------------------------------- */

const VOICES_WITHIN = 1500; // Chromium loads its list of voices when first asked.
const START_WITHIN = 6000;
const END_WITHIN = (text, rate) => 5000 + (text.length * 110) / rate;
const TRIES = 3;

const readPairs = (lines) =>
  Object.fromEntries([...lines.matchAll(/^([^=]+)=(.*)$/gm)].map(([, key, value]) => [key, value]));

/** What the block says about speech: its lists stand in data attributes, one entry on a line. */
export const readSpeech = (data) => ({
  language: data.language,
  rate: Number(data.rate),
  voices: data.voices.split("\n").filter(Boolean),
  captions: "captions" in data,
  dictionary: readPairs(data.dictionary),
  letters: readPairs(data.letters),
  texts: readPairs(data.texts),
});

class Listen {
  static playing;

  constructor(tool, status) {
    if (!globalThis.speechSynthesis || !globalThis.SpeechSynthesisUtterance) return;
    this.tool = tool;
    this.status = status;
    this.speech = readSpeech(tool.dataset);
    this.playButton = tool.querySelector("[data-action='play']");
    this.stopButton = tool.querySelector("[data-action='stop']");
    this.progress = tool.querySelector(".toolbar__progress");
    this.playButton.addEventListener("click", () =>
      this.state === "reading" ? this.pause() : this.play(),
    );
    this.stopButton.addEventListener("click", () => this.stop());
    addEventListener("pagehide", () => this.state === "reading" && this.pause());
    speechSynthesis.getVoices();
    this.turn = 0;
    this.stop();
    tool.hidden = false;
  }

  get state() {
    return this.tool.dataset.state;
  }

  async play() {
    this.status.say("");
    const voice = await this.#findVoice();
    const help = this.tool.querySelector(".toolbar__help");
    if (help) help.hidden = Boolean(voice);
    if (!voice) return this.status.say(this.tool.dataset.noVoice);
    if (Listen.playing !== this) Listen.playing?.stop();
    Listen.playing = this;
    this.voice = voice;
    this.silences = 0;
    if (this.state === "idle") {
      this.queue = this.#compose();
      this.place = 0;
    }
    speechSynthesis.cancel();
    this.#speak();
  }

  /** Pausing is cancelling and keeping the place: remote voices report no pause. */
  pause() {
    this.#hush();
    this.#show("paused");
  }

  stop() {
    const focused = document.activeElement === this.stopButton;
    this.#hush();
    this.#mark();
    this.#show("idle");
    if (focused) this.playButton.focus();
  }

  #hush() {
    this.turn += 1;
    clearTimeout(this.watchdog);
    if (Listen.playing === this) speechSynthesis.cancel();
  }

  async #findVoice() {
    const choose = () =>
      chooseVoice(speechSynthesis.getVoices(), this.speech.language, this.speech.voices);
    if (speechSynthesis.getVoices().length) return choose();
    await new Promise((resolve) => {
      speechSynthesis.addEventListener("voiceschanged", resolve, { once: true });
      setTimeout(resolve, VOICES_WITHIN);
    });
    return choose();
  }

  #compose() {
    return ["headline", "lead", "body"]
      .flatMap((part) => [...document.querySelectorAll(`[data-read="${part}"]`)])
      .flatMap((area) => passages(area, this.speech))
      .flatMap(({ element, text }) =>
        sentences(speakable(text, this.speech)).map((sentence) => ({ element, sentence })),
      );
  }

  #speak() {
    if (this.place >= this.queue.length) return this.stop();
    const { element, sentence } = this.queue[this.place];
    const turn = (this.turn += 1);
    const inTurn = (act) => () => turn === this.turn && act();
    const watch = (patience) => {
      clearTimeout(this.watchdog);
      this.watchdog = setTimeout(inTurn(() => this.#stumble()), patience);
    };
    // Kept on `this`: Chromium forgets the events of an utterance that nobody holds.
    const utterance = (this.utterance = new SpeechSynthesisUtterance(sentence));
    utterance.voice = this.voice;
    utterance.lang = this.voice.lang;
    utterance.rate = this.speech.rate;
    this.started = false;
    utterance.onstart = inTurn(() => {
      this.started = true;
      this.silences = 0;
      watch(END_WITHIN(sentence, utterance.rate));
    });
    utterance.onend = inTurn(() => this.#goOn());
    utterance.onerror = inTurn(() => this.#stumble());
    this.#mark(element);
    this.#show("reading");
    watch(START_WITHIN);
    speechSynthesis.speak(utterance);
  }

  #goOn() {
    this.place += 1;
    this.#speak();
  }

  /** A voice that failed or fell silent: a begun sentence is left, one not begun is tried again. */
  #stumble() {
    this.silences += 1;
    speechSynthesis.cancel();
    if (this.silences >= TRIES) {
      this.pause();
      this.status.say(this.speech.texts.speech_failed);
    } else if (this.started) this.#goOn();
    else this.#speak();
  }

  #mark(element) {
    if (element === this.marked) return;
    const follows = this.marked && isInView(this.marked);
    this.marked?.removeAttribute("data-reading");
    this.marked = element;
    element?.setAttribute("data-reading", "");
    if (element && follows && !matchMedia("(prefers-reduced-motion: reduce)").matches) {
      element.scrollIntoView({ block: "nearest" });
    }
  }

  #show(state) {
    const { texts } = this.speech;
    const name = { idle: texts.listen, reading: texts.pause, paused: texts.resume }[state];
    this.tool.dataset.state = state;
    this.playButton.querySelector(".toolbar__label").textContent = name;
    this.playButton.title = name;
    this.stopButton.hidden = this.progress.hidden = state === "idle";
    if (state === "idle") return;
    const values = { number: this.place + 1, total: this.queue.length };
    this.progress.textContent = fill(texts.progress, values);
  }
}

function isInView(element) {
  const { top, bottom } = element.getBoundingClientRect();
  return bottom > 0 && top < innerHeight;
}

/* ---- Start --------------------------------------------------------------------------------- */

const TOOLS = {
  size: TextSize,
  theme: Appearance,
  listen: Listen,
  print: Print,
  share: Share,
};

if (page) {
  const choices = {
    size: new Choice("portal.textSize", "data-text-size", "100"),
    theme: {
      theme: new Choice("portal.theme", "data-theme", "auto"),
      spacing: new Choice("portal.spacing", "data-spacing", "normal"),
      font: new Choice("portal.font", "data-font", "site"),
    },
  };
  for (const toolbar of document.querySelectorAll(".block--toolbar")) {
    const status = new Status(toolbar.querySelector(".toolbar__status"));
    for (const tool of toolbar.querySelectorAll("[data-tool]")) {
      new TOOLS[tool.dataset.tool](tool, status, choices[tool.dataset.tool]);
    }
    toolbar.dataset.ready = "";
  }
}
