// What HTMX swaps: progress after a while, errors beside what failed, the focus kept, the result read out.

const PATIENCE_MS = 300;
const announcer = document.getElementById("announcer");
const pending = new Map(); // request context → what its request has changed on the page

// ---- progress ----

document.addEventListener("htmx:before:request", ({ detail: { ctx } }) => {
  clearError(ctx.target);
  const focused = document.activeElement;
  const timer = setTimeout(() => {
    ctx.target?.setAttribute("aria-busy", "true");
    showBar();
  }, PATIENCE_MS);
  pending.set(ctx, { timer, target: ctx.target, hadFocus: ctx.target?.contains(focused) && focused !== ctx.target });
});

document.addEventListener("htmx:finally:request", ({ detail: { ctx } }) => {
  const request = pending.get(ctx);
  if (!request) return;
  clearTimeout(request.timer);
  request.target?.removeAttribute("aria-busy");
  pending.delete(ctx);
  if (pending.size === 0) document.querySelector(".loading-bar")?.remove();
});

function showBar() {
  if (document.querySelector(".loading-bar")) return;
  const bar = document.createElement("div");
  bar.className = "loading-bar";
  document.body.append(bar);
}

// ---- errors: the old content stays, the reason stands before it, with a way to try again ----

document.addEventListener("htmx:before:swap", (event) => {
  const { ctx } = event.detail;
  const reason = ctx.response?.status >= 400 && parse(ctx.text).querySelector("[data-fragment-error]");
  if (!reason) return;
  event.preventDefault();
  showError(ctx, reason);
});

document.addEventListener("htmx:response:error", ({ detail: { ctx } }) => {
  // swapped by nobody (see noSwap in the page's head), so htmx:before:swap brings no fragment
  if (ctx.response.status >= 500) showError(ctx, parse(ctx.text).querySelector("[data-fragment-error]"));
});

document.addEventListener("htmx:error", ({ detail: { ctx } }) => {
  if (ctx && !ctx.response) showError(ctx, null);
});

function parse(html) {
  return new DOMParser().parseFromString(html, "text/html");
}

function showError(ctx, reason) {
  clearError(ctx.target);
  const error = reason
    ? document.importNode(reason, true)
    : document.getElementById("fragment-error").content.firstElementChild.cloneNode(true);
  const button = document.getElementById("retry-button").content.firstElementChild.cloneNode(true);
  button.addEventListener("click", () => repeat(ctx));
  error.append(button);
  placeFor(ctx.target).before(error);
}

/* A table row can hold no banner: the place is before the table's region. */
function placeFor(target) {
  return target.closest(".tbl-wrap") ?? target.closest("table") ?? target;
}

function clearError(target) {
  const before = target && placeFor(target).previousElementSibling;
  if (before?.matches("[data-fragment-error]")) before.remove();
}

function repeat({ sourceElement, sourceEvent }) {
  if (sourceElement.matches("form")) sourceElement.requestSubmit(sourceEvent.submitter);
  else if (sourceEvent?.type === "click") sourceElement.click();
  else htmx.trigger(sourceElement, sourceEvent?.type ?? "load");
}

// ---- focus and announcement ----

document.addEventListener("htmx:after:swap", ({ detail: { ctx } }) => {
  const target = ctx.target?.isConnected ? ctx.target : ctx.sourceElement;
  const asked = ["click", "submit", "change", "input", "keyup"].includes(ctx.sourceEvent?.type);
  if (asked && pending.get(ctx)?.hadFocus && document.activeElement === document.body) {
    headingOf(target)?.focus();
  }
  announce(target, asked);
});

function headingOf(element) {
  const region = element.closest("[aria-labelledby]");
  const named = region && document.getElementById(region.getAttribute("aria-labelledby").split(" ")[0]);
  return element.querySelector('[tabindex="-1"]') ?? named ?? document.querySelector("h1");
}

/* data-announce on what was swapped in says the result ("7 calls"); a refresh that nobody asked for is read out only
   when that sentence has changed. */
function announce(target, asked) {
  const source = target.closest("[data-announce]") ?? target.querySelector("[data-announce]");
  const sentence = source?.dataset.announce ?? (asked ? announcer.dataset.updated : "");
  if (!sentence || (!asked && sentence === announcer.textContent)) return;
  announcer.textContent = "";
  requestAnimationFrame(() => (announcer.textContent = sentence));
}
