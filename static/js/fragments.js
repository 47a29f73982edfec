// HTMX swaps: the last click wins, progress is shown after a while, errors appear next to what failed, the focus is
// preserved, and the result is announced once.

const PATIENCE_MS = 300;
const ASKING = ["click", "submit", "change", "input", "keyup"];
const TYPED = "textarea, input:not([type=checkbox], [type=radio], [type=submit], [type=hidden], [type=file])";
const OF_THE_MOMENT = [408, 425, 429]; // refusals that a retry can pass
const announcer = document.getElementById("announcer");
const pending = new Map(); // request context → what is known about its request

// ---- ready with the page ----

/* HTMX starts by a timer, which can be after the page's load: a key or click before that would leave the page. A second
   start changes nothing. */
document.addEventListener("DOMContentLoaded", () => htmx.process(document.body));

// ---- the last click wins ----

/* Of the requests that swap the same part of the page, the last one counts. A read is aborted in favor of it; a
   save can't be undone, so it is awaited. Saves run one after another, so that each shows the results of those
   before. A request that the user didn't start (a part that refreshes itself) doesn't disturb the others and is
   repeated later. */
document.addEventListener("htmx:config:request", (event) => {
  const { ctx } = event.detail;
  if (isPoll(ctx) && !isItsTurn(ctx.sourceElement)) return event.preventDefault();
  const rivals = [...pending.keys()].filter((other) => overlap(other.target, ctx.target));
  if (!isAsked(ctx) && rivals.length > 0) return event.preventDefault();
  if (isAsked(ctx)) stay();
  rivals.filter(isRead).forEach((other) => other.request.abort());
  const waits = !isRead(ctx) || rivals.some((other) => !isRead(other));
  ctx.sourceElement.setAttribute("hx-sync", waits ? "body:queue all" : "queue all");
  begin(ctx);
});

document.addEventListener("htmx:before:request", (event) => {
  const { ctx } = event.detail;
  if (ctx.request.signal.aborted) return event.preventDefault();
  ctx.target = current(ctx.target); // the request it waited for can have replaced the target
});

function isAsked({ sourceEvent }) {
  return ASKING.includes(sourceEvent?.type);
}

function isPoll({ sourceElement }) {
  return Boolean(sourceElement.getAttribute("hx-trigger")?.startsWith("every "));
}

function isRead({ request }) {
  return request.method === "GET";
}

function overlap(one, other) {
  const [a, b] = [current(one), current(other)];
  return Boolean(a && b) && (a.contains(b) || b.contains(a));
}

/* The element, or the one that has replaced it. */
function current(element) {
  return (element && !element.isConnected && element.id && document.getElementById(element.id)) || element;
}

// ---- leaving for another page: a later click stays on the page, a later swap is ignored ----

let isLeaving = false;
let isSending = false; // by a form, whose request a part that reloads itself must not stop

window.navigation?.addEventListener("navigate", (event) => {
  if (event.navigationType === "traverse") dropReads();
  if (event.destination.sameDocument || event.hashChange || event.downloadRequest !== null) return;
  dropReads();
  isLeaving = true;
  isSending = event.formData !== null;
  event.signal.addEventListener("abort", () => (isLeaving = false));
});
window.addEventListener("popstate", dropReads);
window.addEventListener("pageshow", () => (isLeaving = false));

function dropReads() {
  [...pending.keys()].filter(isRead).forEach((ctx) => ctx.request.abort());
}

function stay() {
  if (!isLeaving || isSending || ![...pending.keys()].every(isRead)) return;
  isLeaving = false;
  window.stop();
}

// ---- progress ----

function begin(ctx) {
  clearError(ctx.target);
  const timer = setTimeout(() => {
    ctx.target?.setAttribute("aria-busy", "true");
    showBar();
  }, PATIENCE_MS);
  const used = document.activeElement;
  pending.set(ctx, { timer, target: ctx.target, used: focusing.traceOf(used), typed: used.value });
}

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

// ---- ended sessions: session.js signs in in place, then the request is repeated ----

document.addEventListener("htmx:after:request", (event) => {
  const { ctx } = event.detail;
  if (ctx.response.status !== 401 || !isOurs(ctx)) return;
  const again = new CustomEvent("session:ended", { cancelable: true, detail: { again: () => isAsked(ctx) && repeat(ctx) } });
  if (!document.dispatchEvent(again)) event.preventDefault(); // also keeps HTMX from leaving for the sign-in page
});

// ---- errors: the old content and the address stay, the reason appears above, with a way to try again ----

document.addEventListener("htmx:before:swap", (event) => {
  const { ctx, tasks } = event.detail;
  if (isPoll(ctx) && ctx.response?.status === 429) {
    event.preventDefault();
    slowDown(ctx.sourceElement);
    return;
  }
  const reason = ctx.response?.status >= 400 && parse(ctx.text).querySelector("[data-fragment-error]");
  if (reason || ctx.response?.status >= 500 || !isOurs(ctx)) {
    event.preventDefault();
    showError(ctx, isOurs(ctx) && reason);
  } else {
    spacing.delete(ctx.sourceElement);
    remember(ctx, tasks);
  }
});

document.addEventListener("htmx:error", ({ detail: { ctx } }) => {
  if (ctx && ctx.text === undefined) showError(ctx, null);
});

/* A proxy in between has error pages of its own, without a header that we know. */
function isOurs({ response }) {
  return response?.headers.get("X-Answered-By") === "switchboard";
}

function parse(html) {
  return new DOMParser().parseFromString(html, "text/html");
}

function showError(ctx, reason) {
  clearError(ctx.target);
  const error = reason ? document.importNode(reason, true) : ownError(ctx.response?.status);
  const { used } = pending.get(ctx) ?? {};
  if (mayHelp(ctx)) error.append(retryButton(ctx, used));
  placeFor(ctx.target).before(error);
}

function ownError(status) {
  const error = copyOf(status ? "foreign-error" : "fragment-error");
  const text = error.querySelector(".banner-text");
  text.textContent = text.textContent.replace("{status}", status);
  return error;
}

function copyOf(template) {
  return document.getElementById(template).content.firstElementChild.cloneNode(true);
}

function mayHelp(ctx) {
  const { response } = ctx;
  return !isOurs(ctx) || response.status >= 500 || OF_THE_MOMENT.includes(response.status);
}

function retryButton(ctx, used) {
  const button = copyOf("retry-button");
  button.addEventListener("click", () => {
    // the button disappears with its error
    (focusing.find(used, document) ?? current(ctx.sourceElement)).focus({ preventScroll: true });
    repeat(ctx);
  });
  const { response } = ctx;
  if (response?.status === 429) countDown(button, Number.parseInt(response.headers.get("Retry-After"), 10) || 0);
  return button;
}

/* By the clock, since timers of hidden tabs are throttled. */
function countDown(button, seconds) {
  const words = button.lastChild;
  const { textContent: offer } = words;
  const end = Date.now() + seconds * 1000;
  const tick = () => {
    const left = Math.ceil((end - Date.now()) / 1000);
    button.disabled = left > 0;
    const clock = `${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")}`;
    words.textContent = left > 0 ? button.dataset.later.replace("{time}", clock) : offer;
    if (left > 0) setTimeout(tick, 1000);
  };
  tick();
}

/* A table row can't hold a banner, so it goes before the table's region. */
function placeFor(target) {
  return target.closest(".tbl-wrap") ?? target.closest("table") ?? target;
}

function clearError(target) {
  const before = target && placeFor(target).previousElementSibling;
  if (before?.matches("[data-fragment-error]")) before.remove();
}

function repeat({ sourceElement, sourceEvent }) {
  const { find, traceOf } = focusing;
  const source = sourceElement.isConnected ? sourceElement : (find(traceOf(sourceElement), document) ?? sourceElement);
  if (source.matches("form")) source.requestSubmit(source.contains(sourceEvent?.submitter) ? sourceEvent.submitter : null);
  else if (sourceEvent?.type === "click") source.click();
  else htmx.trigger(source, sourceEvent?.type ?? "load");
}

// ---- polling parts: after "too many requests" they show nothing, and poll half as often ----

const MOST_SPACING = 16;
const spacing = new WeakMap(); // element → it polls on every nth tick, and how many ticks have passed since

function slowDown(element) {
  const { every } = spacing.get(element) ?? { every: 1 };
  spacing.set(element, { every: Math.min(every * 2, MOST_SPACING), passed: 0 });
}

function isItsTurn(element) {
  const found = spacing.get(element);
  if (!found) return true;
  found.passed += 1;
  if (found.passed < found.every) return false;
  found.passed = 0;
  return true;
}

// ---- focus: stays on the control that was used, even if the swap has replaced it ----

/* Just before the swap: remember the focused control that will be replaced, text typed there in the meantime, and
   whether the response contains a toast. */
function remember(ctx, tasks) {
  const request = pending.get(ctx);
  if (!request) return;
  const focused = document.activeElement;
  const toasts = document.getElementById("toasts");
  request.isToasted = tasks.some(({ target }) => target && (target === "#toasts" || target === toasts));
  if (!current(ctx.target)?.contains(focused) || focused === ctx.target) return;
  request.held = focusing.traceOf(focused);
  request.place = focusing.placeAfter(focused);
  const isSame = JSON.stringify(request.held) === JSON.stringify(request.used);
  if (focused.matches(TYPED) && focused.value !== (isSame ? request.typed : focused.defaultValue)) {
    request.rest = [focused.value, focused.selectionStart, focused.selectionEnd];
  }
}

document.addEventListener("htmx:after:swap", ({ detail: { ctx } }) => {
  const request = pending.get(ctx);
  const target = ctx.target?.isConnected ? ctx.target : ctx.sourceElement;
  const instead = request?.held && giveBack(request, target);
  announce(target, isAsked(ctx), request?.isToasted, instead);
});

/* Returns what takes the focus if the control no longer exists: the row in its place, or the heading above it. */
function giveBack({ held, rest, place }, target) {
  const control = focusing.find(held, target);
  if (control && rest) {
    control.value = rest[0];
    if (rest[1] !== null) control.setSelectionRange(rest[1], rest[2]);
  }
  if (document.activeElement !== document.body) return null;
  const folded = control?.closest("details:not([open])");
  if (folded?.matches("[data-pop]") && control.matches("a, button")) {
    folded.querySelector("summary").focus({ preventScroll: true }); // the choice in it has been made
  } else {
    for (let outer = folded; outer; outer = outer.parentElement.closest("details:not([open])")) outer.open = true;
    control?.focus({ preventScroll: true });
  }
  if (document.activeElement !== document.body) return null;
  const instead = (place && focusing.at(place, target)) ?? document.querySelector("h1");
  if (instead) focusing.on(instead);
  return instead;
}

// ---- announcement ----

/* data-announce on the swapped content states the result ("7 calls"). A refresh that the user didn't request is
   announced only if that sentence has changed. Content that is announced anyway – a toast, an error summary or a
   heading that took the focus – isn't announced twice. */
function announce(target, isAsked, isToasted, instead) {
  const source = target.closest("[data-announce]") ?? target.querySelector("[data-announce]");
  const isSaid = isToasted || document.activeElement?.matches("[data-error-summary]");
  const sentence = source?.dataset.announce ?? (isAsked && !isSaid ? announcer.dataset.updated : "");
  if (!sentence || (!isAsked && sentence === announcer.textContent)) return;
  announcer.textContent = "";
  if (instead?.textContent.trim() !== sentence) requestAnimationFrame(() => (announcer.textContent = sentence));
}
