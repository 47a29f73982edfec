// The focus stays where the user is working: on the control that was used, or on the row that took its place. Swaps
// (fragments.js), forms that lead to a page, and parts that refresh themselves keep it in the same way.
//
// A trace identifies a control. A place is a trace with its row, the rows around it, and the heading above them.

const TYPED = "textarea, input:not([type=checkbox], [type=radio], [type=submit], [type=hidden], [type=file])";
const FIELDS = `:is(${TYPED}, select, input[type=radio], input[type=checkbox]):not(:disabled)`;
const FOCUSABLE = "a[href], :is(button, input:not([type=hidden]), select, textarea):not(:disabled), summary";
const PASSING = "#toasts, [data-went]"; // parts that disappear once they have been used
const MOST_ROWS = 50;
const LEFT = "focus-left";
const SOON_MS = 60_000;
const toasts = document.getElementById("toasts");

// ---- one control ----

/* Identifies a control after a swap: by id, name or address, otherwise by its text. */
function traceOf(control) {
  if (!control || control === document.body) return null;
  const tag = control.localName;
  const attributes = control.name ? ["name", ...(control.matches(TYPED) || tag === "select" ? [] : ["value"])] : ["href"];
  const exact = attributes.filter((name) => control.hasAttribute(name));
  const where = (names) => tag + names.map((name) => `[${name}="${CSS.escape(control.getAttribute(name))}"]`).join("");
  return {
    selectors: [
      ...(control.id ? [`#${CSS.escape(control.id)}`] : []),
      ...(exact.length > 0 ? [where(exact)] : []),
      ...(control.hasAttribute("rel") ? [where(["rel"])] : []),
      ...(control.type === "submit" && control.hasAttribute("form") ? [where(["form"])] : []),
    ],
    tag,
    kind: kindOf(control),
    words: wordsOn(control),
    action: control.form?.getAttribute("action"),
    sends: control.type === "submit" && !control.name, // its words can change with what it does
  };
}

function wordsOn(control) {
  return control.getAttribute("aria-label") ?? control.textContent.trim();
}

/* Of the controls of a row, those of one kind do the same to the rows around it. */
function kindOf(control) {
  return [control.localName, control.classList[0], control.getAttribute("popovertarget") === null].join();
}

function find(trace, root) {
  if (!trace) return null;
  const suits = (one) => one.matches(FOCUSABLE) && (one.form?.getAttribute("action") ?? null) === (trace.action ?? null);
  for (const selector of trace.selectors) {
    const found = [...root.querySelectorAll(selector)].find(suits);
    if (found) return found;
  }
  const alike = [...root.querySelectorAll(trace.tag)].filter(suits);
  const same = alike.find((one) => trace.words && wordsOn(one) === trace.words);
  return same ?? alike.find((one) => trace.sends && one.type === "submit");
}

/* What is in a menu that closes is represented by the control that opens it. */
function shownFor(control) {
  const over = control.closest("[popover], details[data-pop]");
  if (over?.matches("details")) return over.querySelector("summary");
  return (over && document.querySelector(`[popovertarget="${CSS.escape(over.id)}"]`)) ?? control;
}

// ---- its place ----

function rowOf(control) {
  return control.closest("tbody[data-keys]") ?? control.closest("main :is(tr, li, article)");
}

/* A row is recognized by its id or by the record that its first link leads to. */
function namesOf(row) {
  const link = row.querySelector("th[scope=row] a[href], a[href]");
  return [row.id && `#${row.id}`, link?.pathname].filter(Boolean);
}

function rowsLike(row, root) {
  const alike = root.querySelectorAll(row.matches("tbody") ? "tbody[data-keys]" : row.localName);
  return [...alike].filter((one) => namesOf(one).length > 0);
}

function placeOf(used) {
  if (!used || used === document.body) return null;
  const control = shownFor(used);
  const row = rowOf(control);
  const heading = used.closest("[aria-labelledby]")?.getAttribute("aria-labelledby").split(" ")[0];
  const place = { trace: traceOf(control), heading };
  if (!row || namesOf(row).length === 0) return place;
  const alike = rowsLike(row, row.closest("table, ol, ul, section") ?? row.parentElement);
  const at = alike.indexOf(row);
  const around = [...alike.slice(at + 1), ...alike.slice(0, at).reverse()].slice(0, MOST_ROWS).map(namesOf);
  const same = [...row.querySelectorAll(FOCUSABLE)].filter((one) => kindOf(one) === place.trace.kind);
  return { ...place, row: { tag: row.localName, names: namesOf(row), around, number: same.indexOf(control) } };
}

/* The control at a place: its own, otherwise the same one of the next row, then of the previous row. */
function controlAt({ trace, row, heading }) {
  if (!row) return shown(find(trace, document));
  for (const names of [row.names, ...row.around]) {
    const found = rowNamed(names, row.tag, heading);
    const control = found && (shown(names === row.names ? find(trace, found) : null) ?? alikeIn(found, trace, row));
    if (control) return control;
  }
  return null;
}

/* By its id anywhere, by its link only below the same heading: other parts can link to the same record. */
function rowNamed(names, tag, heading) {
  const main = document.querySelector("main");
  const part = heading && main.querySelector(`[aria-labelledby~="${CSS.escape(heading)}"]`);
  const known = document.getElementById(names[0].slice(1));
  const isNamed = (one) => namesOf(one).some((name) => names.includes(name));
  const rows = known ? [known] : [...(part ?? main).querySelectorAll(tag)].filter(isNamed);
  return rows.find(shown);
}

function alikeIn(found, { kind }, { number }) {
  const stops = [...found.querySelectorAll(FOCUSABLE)].filter((one) => one.checkVisibility());
  return stops.filter((one) => kindOf(one) === kind)[number] ?? found.querySelector("th[scope=row] a[href]") ?? stops[0];
}

function shown(control) {
  return control?.checkVisibility() ? control : null;
}

function headingAt({ heading }) {
  return shown(heading && document.getElementById(heading)) ?? document.querySelector("h1");
}

// ---- the place that was used last, and the one before a part that disappears ----

let last = null;
let before = null;

document.addEventListener("focusin", ({ target, relatedTarget }) => {
  if (target.closest(PASSING) && !relatedTarget?.closest(PASSING)) before = placeOf(relatedTarget);
});

/* The place to return to. A message belongs to what was used last; the bar of a call to wherever the user was. */
function placeAfter(used) {
  const passing = used?.closest(PASSING);
  if (!passing) return placeOf(used);
  return passing.id === "toasts" ? (last ?? before) : (before ?? last);
}

window.focusing = {
  traceOf,
  find,
  placeAfter,

  /* Return the control at a place on this page, otherwise the heading above it. In a part of a row that was replaced,
     the first control. */
  at(place, part = null) {
    const first = part && place.row && rowOf(part) !== part && [...part.querySelectorAll(FOCUSABLE)].find(shown);
    return first || (controlAt(place) ?? headingAt(place));
  },

  /* Focus a control, and move the page only if neither the control nor the label around it can be seen. The browser
     would also move it for one close to an edge (scroll-padding), such as in the bar of a call. */
  on(control) {
    const place = control.closest("label") ?? control; // covers a radio button that isn't drawn
    const { left, top, width, height } = place.getBoundingClientRect();
    const uppermost = document.elementFromPoint(left + width / 2, top + height / 2);
    control.focus({ preventScroll: place.contains(uppermost) });
  },

  /* Keep the focus while `change` replaces parts of the page. */
  keep(change) {
    const place = placeOf(document.activeElement);
    change();
    if (place && document.activeElement === document.body) focusing.at(place)?.focus({ preventScroll: true });
  },

  /* Move the focus to the first field in `root`. Return whether it has one. */
  first(root) {
    const fields = [...(root?.querySelectorAll(FIELDS) ?? [])].filter((field) => field.checkVisibility());
    (fields.find((field) => field.closest("[data-first-field]")) ?? fields[0])?.focus();
    return fields.length > 0;
  },
};

// ---- a form that leads to a page: that page continues at the same place, with the text typed beside the form ----

let sender = null; // the form that was sent last
let isPointed = false; // such a user doesn't need an outline

for (const name of ["pointerdown", "keydown"]) {
  document.addEventListener(name, () => (isPointed = name === "pointerdown"), { capture: true });
}

document.addEventListener("submit", (event) => {
  const { target: form, submitter } = event;
  if (form.method !== "post" || !document.body.dataset.account) return;
  const active = document.activeElement;
  const used = [...form.elements].includes(active) ? active : (submitter ?? form.querySelector("button"));
  last = placeAfter(used) ?? last;
  sender = form;
  const { pathname: page } = location;
  const left = JSON.stringify({ at: Date.now(), page, top: scrollY, place: last, typed: typedBeside(form), isPointed });
  // once all listeners have seen the event
  setTimeout(() => (!event.defaultPrevented || form.matches("[hx-post]")) && sessionStorage.setItem(LEFT, left));
});

/* Forms with data-guard ask before the page is left. */
function typedBeside(form) {
  return [...document.querySelectorAll(`main :is(${TYPED})[id]:not([type=password])`)]
    .filter((field) => field.form !== form && !field.form?.matches("[data-guard]") && field.value !== field.defaultValue)
    .map(({ id, value }) => [id, value]);
}

/* Whatever else is used leads to the start of its page. */
const forget = () => sessionStorage.removeItem(LEFT);
document.addEventListener("click", ({ target }) => target.closest?.("a[href]") && forget());
document.addEventListener("htmx:finally:request", ({ detail: { ctx } }) => {
  if (ctx.sourceElement === sender && !ctx.response?.headers.has("HX-Redirect")) forget();
});

function arrive() {
  const left = JSON.parse(sessionStorage.getItem(LEFT));
  forget();
  const type = performance.getEntriesByType("navigation")[0]?.type ?? "navigate";
  if (type === "back_forward" || !document.activeElement.matches("body, :target")) return;
  if (document.querySelector("main [autofocus]")) return; // the browser focuses it next, such as when a form asks who it is
  if (type === "navigate" && left?.place && Date.now() - left.at < SOON_MS) comeBack(left);
  else focusing.first(document.querySelector("main [data-first-field]"));
}

function comeBack({ page, top, place, typed, isPointed }) {
  last = place;
  const isSame = page === location.pathname;
  if (isSame) {
    typed.forEach(retype);
    scrollTo({ top, behavior: "instant" });
  } else if (focusing.first(document.querySelector("main [data-first-field]"))) {
    return;
  }
  const control = isSame ? focusing.at(place) : (elsewhere(place) ?? document.querySelector("h1"));
  control?.focus({ preventScroll: true, ...(isPointed ? { focusVisible: false } : {}) });
  control?.scrollIntoView({ block: "nearest", behavior: "instant" });
  // messages that were there before aren't announced; those that are put in are
  requestAnimationFrame(() => toasts?.replaceChildren(...toasts.children));
}

function retype([id, text]) {
  const field = document.getElementById(id);
  if (!field?.matches(TYPED) || field.value !== field.defaultValue) return;
  field.value = text;
  field.dispatchEvent(new Event("input", { bubbles: true }));
}

/* On another page: the row of the same record. */
function elsewhere({ trace, row }) {
  return row && controlAt({ trace, row: { ...row, around: [] } });
}

// The browser itself moves the focus to the element that the address names, once the page has loaded.
if (location.hash) addEventListener("load", () => requestAnimationFrame(arrive));
else arrive();
