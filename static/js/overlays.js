// Dialogs, popovers built with <details>, the drawer of phones, scrolling strips, and toasts.

const TOAST_SECONDS = 8;
const UNDO_SECONDS = 30; // time to reconsider
const POPOVERS = "details.info, details[data-pop]";

// ---- dialogs ----

document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-dialog]");
  const dialog = opener && document.getElementById(opener.dataset.dialog);
  if (dialog) {
    event.preventDefault();
    open(dialog);
  }
  event.target.closest("[data-close]")?.closest("dialog")?.close();
  event.target.closest("[data-dismiss]")?.closest("[data-toast]")?.remove();
});

function open(dialog) {
  dialog.showModal();
  // to the first choice, never to the close button
  const first = dialog.querySelector("[autofocus]") ?? dialog.querySelector(".dialog-body :is(input, select, textarea)");
  (first ?? dialog.querySelector("h2")).focus();
}

document.querySelectorAll("dialog[data-open]").forEach(open);

// ---- popovers ----

document.addEventListener("click", (event) => {
  for (const popover of document.querySelectorAll(`:is(${POPOVERS})[open]`)) {
    if (!popover.contains(event.target)) popover.open = false;
  }
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  const popover = document.activeElement.closest(`:is(${POPOVERS})[open]`) ?? document.querySelector(`:is(${POPOVERS})[open]`);
  if (!popover) return;
  popover.open = false;
  popover.querySelector("summary").focus();
});

// ---- the drawer covers the page: the focus moves into it, stays there, and returns to its button ----

const drawer = document.querySelector(".drawer");

drawer?.addEventListener("toggle", () => {
  if (drawer.open) (drawer.querySelector(".nav [aria-current]") ?? stopsOf(drawer)[0]).focus();
  else if (document.activeElement === document.body) drawer.querySelector("summary").focus();
});

drawer?.addEventListener("keydown", (event) => {
  if (event.key !== "Tab" || !drawer.open) return;
  const stops = stopsOf(drawer);
  const next = stops.indexOf(document.activeElement) + (event.shiftKey ? -1 : 1);
  if (stops[next]) return; // the browser's own step stays inside
  event.preventDefault();
  stops.at(event.shiftKey ? -1 : 0).focus();
});

function stopsOf({ lastElementChild: panel }) {
  return [...panel.querySelectorAll("a[href], button, summary")].filter((stop) => stop.checkVisibility());
}

// ---- the current item is visible, wherever a strip or the sidebar has to scroll ----

function showCurrent() {
  for (const current of document.querySelectorAll(":is(.tabs, .side .nav) [aria-current]")) {
    const strip = current.closest(".tabs, .nav");
    const [place, frame] = [current.getBoundingClientRect(), strip.getBoundingClientRect()];
    // not scrollIntoView, which would scroll the page as well
    strip.scrollBy(place.left + place.width / 2 - (frame.left + frame.width / 2), 0);
    if (place.bottom > frame.bottom) strip.scrollBy(0, place.bottom - frame.bottom);
  }
}

showCurrent();
addEventListener("resize", showCurrent); // for rotated tablets

// ---- toasts: they disappear automatically, but not while someone reads or uses them, and errors stay ----

const toasts = document.getElementById("toasts");
const left = new WeakMap();

setInterval(() => {
  if (!toasts || toasts.matches(":hover, :focus-within") || document.hidden) return;
  for (const toast of toasts.querySelectorAll("[data-toast]:not(.toast--bad)")) {
    const seconds = (left.get(toast) ?? secondsOf(toast)) - 1;
    left.set(toast, seconds);
    if (seconds <= 0) toast.remove();
  }
}, 1000);

function secondsOf(toast) {
  return Number(toast.dataset.toast) || (toast.querySelector("form") ? UNDO_SECONDS : TOAST_SECONDS);
}
