// The calendar: dragging fills in the form of the dragged entry and submits it. Without this file, entries are opened
// and moved on their page.

const QUARTER_MINUTES = 15;
const QUARTERS = 4;
let held = null;
let grip = 0;

function prepare() {
  document.querySelectorAll("[data-part]").forEach((part) => (part.draggable = true));
}

/* Return the day where the dragged entry can be dropped: another rep's column on the same day only for users who can
   reassign appointments. */
function targetOf(event) {
  const day = held ? event.target.closest?.("[data-day]") : null;
  const from = held?.closest("[data-day]");
  const isGivenAway = day?.dataset.day === from?.dataset.day && day?.dataset.rep !== from?.dataset.rep;
  return isGivenAway && held.dataset.keepsRep !== undefined ? null : day;
}

function unmark() {
  document.querySelectorAll("[data-day].is-drop").forEach((day) => day.classList.remove("is-drop"));
}

/* Return the quarter of an hour under the upper edge of the dragged entry; "" if the days show no hours. */
function clockAt(day, event) {
  if (day.dataset.from === undefined) return "";
  const box = day.getBoundingClientRect();
  const row = Number.parseFloat(getComputedStyle(day).gridAutoRows);
  const quarters = Math.round((event.clientY - grip - box.top) / row) + Number(day.dataset.from) * QUARTERS;
  const within = Math.max(0, Math.min(quarters, 24 * QUARTERS - 1));
  const minutes = within * QUARTER_MINUTES;
  return `${String(Math.floor(minutes / 60)).padStart(2, "0")}:${String(minutes % 60).padStart(2, "0")}`;
}

document.addEventListener("dragstart", (event) => {
  const part = event.target.closest?.("[data-part]");
  if (!part) return;
  held = part;
  grip = event.clientY - part.getBoundingClientRect().top;
  event.dataTransfer.effectAllowed = "move";
  event.dataTransfer.setData("text/plain", part.textContent.trim());
  requestAnimationFrame(() => part.classList.add("is-held"));
});

document.addEventListener("dragover", (event) => {
  const day = targetOf(event);
  unmark();
  if (!day) return;
  event.preventDefault();
  day.classList.add("is-drop");
});

document.addEventListener("drop", (event) => {
  const day = targetOf(event);
  const form = held?.querySelector("form[data-move]");
  if (!day || !form) return;
  event.preventDefault();
  form.elements.day.value = day.dataset.day;
  form.elements.time.value = clockAt(day, event);
  form.elements.rep.value = day.dataset.rep ?? "";
  form.requestSubmit();
});

document.addEventListener("dragend", () => {
  held?.classList.remove("is-held");
  held = null;
  unmark();
});

prepare();
