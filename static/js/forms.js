// Forms: nothing is sent twice, nothing typed is lost by accident, errors are found by keyboard.

const SENT_SECONDS = 10;
const ADDS = /^(before|after|none)/; // swaps that take nothing away
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
  // an answer that is a download leaves the page where it is
  setTimeout(() => release(form), SENT_SECONDS * 1000);
});

document.addEventListener("htmx:finally:request", (event) => {
  const source = event.detail.ctx.sourceElement;
  release(source.closest?.("form") ?? source);
});

// Back shows the page as it was left, with its form locked
window.addEventListener("pageshow", () => document.querySelectorAll("form").forEach(release));

function release(form) {
  sent.delete(form);
  form.querySelectorAll?.('.btn[aria-busy="true"]').forEach((button) => button.removeAttribute("aria-busy"));
}

// ---- filters apply and files go as soon as they are chosen; their button stays for what is typed, and without scripts ----

document.addEventListener("change", (event) => {
  if (event.target.matches("select, input[type=file]")) event.target.closest(".filters form, .at-once")?.requestSubmit();
});

// ---- what was typed when a session had ended goes on to its form, but not again by Back ----

const [arrival] = performance.getEntriesByType("navigation");
if (arrival?.type !== "back_forward") document.querySelector("form[data-send-at-once]")?.requestSubmit();

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

/* A swap that would take them away becomes a way to another page, and the browser asks as it does for every other. What
   nobody asked for leaves them where they are. */
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

/* As without scripts, once all have heard that it is sent; it can be sent again if it is left after all. */
function sendWhole(form, submitter, isChanged) {
  setTimeout(() => {
    release(form);
    if (isChanged) changed.add(form);
    const pressed = document.createElement("input");
    Object.assign(pressed, { type: "hidden", name: submitter?.name ?? "", value: submitter?.value ?? "" });
    form.append(pressed); // without a name it is not sent
    form.submit();
    pressed.remove();
  });
}

// ---- how much is typed ----

document.addEventListener("input", (event) => {
  const told = event.target.id && document.querySelector(`[data-counts="${CSS.escape(event.target.id)}"]`);
  // characters, as the database counts them
  if (told) told.textContent = told.dataset.words.replace("{count}", [...event.target.value.trim()].length);
});

// ---- what is to be put elsewhere ----

document.addEventListener("click", async (event) => {
  const copier = event.target.closest("[data-copy]");
  if (!copier) return;
  await navigator.clipboard.writeText(document.getElementById(copier.dataset.copy).textContent.trim());
  copier.lastChild.textContent = copier.dataset.copied;
});

// ---- a text that is offered goes into a field ----

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

/* Once: what is swapped later, elsewhere on the page, takes nobody back to it. */
function focusSummary(root) {
  const summary = root.querySelector("[data-error-summary]:not([data-example] *, [data-seen])");
  summary?.setAttribute("data-seen", "");
  summary?.focus();
}

focusSummary(document);
document.addEventListener("htmx:after:swap", () => focusSummary(document));

// ---- a page that says when to try again does so ----

const wait = document.querySelector("[data-reload-after]");
if (wait) setTimeout(() => location.reload(), wait.dataset.reloadAfter * 1000);
