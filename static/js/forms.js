// Forms: nothing is submitted twice, nothing typed is lost by accident, errors can be found by keyboard.

const SENT_SECONDS = 10;
const ADDS = /^(before|after|none)/; // swaps that remove nothing
const HTMX_FORM = "[hx-get], [hx-post], [hx-put], [hx-patch], [hx-delete]";

// ---- double submit ----

const sent = new WeakSet();

document.addEventListener(
  "submit",
  (event) => {
    if (!sent.has(event.target)) return;
    event.preventDefault();
    event.stopImmediatePropagation();
  },
  { capture: true },
);

document.addEventListener("submit", (event) => {
  const form = event.target;
  const changes = form.method === "post" || form.matches(HTMX_FORM);
  if (!changes || (event.defaultPrevented && !form.matches(HTMX_FORM))) return;
  sent.add(form);
  event.submitter?.setAttribute("aria-busy", "true");
  // a response that is a download leaves the page as it is
  setTimeout(() => release(form), SENT_SECONDS * 1000);
});

document.addEventListener("htmx:finally:request", (event) => {
  const source = event.detail.ctx.sourceElement;
  release(source.closest?.("form") ?? source);
});

// Back restores the page as it was left, with its form locked
window.addEventListener("pageshow", () => document.querySelectorAll("form").forEach(release));

function release(form) {
  sent.delete(form);
  form.querySelectorAll?.('.btn[aria-busy="true"]').forEach((button) => button.removeAttribute("aria-busy"));
}

// ---- filters and file fields submit on change; the button is for typed text, and for browsers without scripts ----

document.addEventListener("change", (event) => {
  if (event.target.matches("select, input[type=file]")) event.target.closest(".filters form, .at-once")?.requestSubmit();
});

// ---- a form held over an ended session is submitted automatically, but not again after Back ----

const [arrival] = performance.getEntriesByType("navigation");
if (arrival?.type !== "back_forward") document.querySelector("form[data-send-at-once]")?.requestSubmit();

// ---- choices made before the scripts ran, as on a slow connection ----

/* They take effect like later ones, except after Back or a reload, when the browser restores earlier choices. By a
   timer, since HTMX starts at this event too (fragments.js). */
if (arrival?.type === "navigate") document.addEventListener("DOMContentLoaded", () => setTimeout(repeatChoices));

function repeatChoices() {
  for (const field of [...document.querySelectorAll("main :is(select, input)")].filter(isChosen)) {
    field.dispatchEvent(new Event("input", { bubbles: true }));
    field.dispatchEvent(new Event("change", { bubbles: true }));
  }
}

function isChosen(field) {
  if (field.type === "file") return field.files.length > 0;
  if (field.type === "select-one") return field.selectedIndex !== chosenAtFirst([...field.options]);
  if (field.type === "radio") return field.checked && !field.defaultChecked;
  return field.type === "checkbox" && field.checked !== field.defaultChecked;
}

function chosenAtFirst(options) {
  const marked = options.findLastIndex((option) => option.defaultSelected);
  return marked === -1 ? options.findIndex((option) => !option.disabled) : marked;
}

// ---- unsaved changes ----

const changed = new Set();

document.addEventListener("input", (event) => {
  const form = event.target.closest("form[data-guard]");
  if (form) changed.add(form);
});

document.addEventListener("reset", (event) => changed.delete(event.target));

document.addEventListener("submit", (event) => {
  if (!event.defaultPrevented || event.target.matches(HTMX_FORM)) changed.delete(event.target);
});

window.addEventListener("beforeunload", (event) => {
  if ([...changed].some((form) => form.isConnected)) event.preventDefault();
});

/* A swap that would discard unsaved changes becomes a navigation, so that the browser asks as it does for any other. A
   swap that the user didn't request is skipped. */
document.addEventListener(
  "htmx:config:request",
  (event) => {
    const { ctx } = event.detail;
    const source = ctx.sourceElement;
    const own = source.matches("a") ? null : (source.form ?? source.closest("form"));
    if (ADDS.test(ctx.swap) || ![...changed].some((form) => form !== own && ctx.target?.contains(form))) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    if (source.matches("a")) location.assign(source.href);
    else if (source.matches("form")) sendWhole(source, ctx.request.submitter, changed.has(source));
  },
  { capture: true },
);

/* Submits as without scripts, after all listeners have seen the event. The form can be submitted again if the user
   stays. */
function sendWhole(form, submitter, isChanged) {
  setTimeout(() => {
    release(form);
    if (isChanged) changed.add(form);
    const pressed = document.createElement("input");
    Object.assign(pressed, { type: "hidden", name: submitter?.name ?? "", value: submitter?.value ?? "" });
    form.append(pressed); // without a name it isn't submitted
    form.submit();
    pressed.remove();
  });
}

// ---- character counters ----

document.addEventListener("input", (event) => {
  const told = event.target.id && document.querySelector(`[data-counts="${CSS.escape(event.target.id)}"]`);
  // code points, as the database counts them
  if (told) told.textContent = told.dataset.words.replace("{count}", [...event.target.value.trim()].length);
});

// ---- copying to the clipboard ----

document.addEventListener("click", async (event) => {
  const copier = event.target.closest("[data-copy]");
  if (!copier) return;
  await navigator.clipboard.writeText(document.getElementById(copier.dataset.copy).textContent.trim());
  copier.lastChild.textContent = copier.dataset.copied;
});

// ---- inserting offered text into a field ----

document.addEventListener("click", (event) => {
  const offer = event.target.closest("[data-insert]");
  if (!offer) return;
  const field = document.getElementById(offer.dataset.into);
  const text = document.getElementById(offer.dataset.insert).textContent.trim();
  field.value = [field.value.trimEnd(), text].filter(Boolean).join("\n");
  field.dispatchEvent(new Event("input", { bubbles: true }));
  field.focus();
});

// ---- errors ----

/* Runs once: later swaps elsewhere on the page don't move the focus back to the summary. */
function focusSummary(root) {
  const summary = root.querySelector("[data-error-summary]:not([data-example] *, [data-seen])");
  summary?.setAttribute("data-seen", "");
  summary?.focus();
}

focusSummary(document);
document.addEventListener("htmx:after:swap", () => focusSummary(document));

// ---- pages that specify when to retry reload themselves ----

const wait = document.querySelector("[data-reload-after]");
if (wait) setTimeout(() => location.reload(), wait.dataset.reloadAfter * 1000);
