// Booking and rescheduling: the foot shows the chosen time, the reps who aren't free then are marked, and the times
// reload as soon as the rep or the duration changes.

const FORM = "booking-form";
const TYPED = '[name="slot"][value="typed"]';
/* A click outside a text field blurs it, and that click can be on one of the times, so it is handled first. */
const CLICK_MS = 250;

function showChoice() {
  const form = document.getElementById(FORM);
  const words = document.querySelector("[data-choice]");
  const button = document.querySelector("[data-choice-button]");
  const chosen = form?.querySelector('input[name="slot"]:checked');
  if (!chosen || !words || !button) return;
  const { start } = chosen.dataset;
  words.textContent = chosen.dataset.words;
  button.lastChild.textContent = start ? button.dataset.choiceButton.replace("{time}", start) : button.dataset.choiceLabel;
  markBusy(form.elements.rep, chosen.dataset.free);
}

/* free: positions of the reps who are free, separated by spaces; empty if there are too many reps to mark them. */
function markBusy(field, free) {
  if (!free || !field.dataset.busy) return;
  const positions = free.split(" ");
  [...field.options]
    .filter((one) => one.value)
    .forEach((one, position) => {
      const { name } = one.dataset;
      one.textContent = positions.includes(String(position)) ? name : field.dataset.busy.replace("{name}", name);
    });
}

/* A chosen time replaces the typed one. */
function forgetTyped({ elements }) {
  for (const field of [elements.day, elements.time]) if (field) field.value = field.defaultValue;
}

function showTimes(form) {
  if (form.isConnected && !form.matches(".htmx-request")) form.querySelector('[name="show_times"]')?.click();
}

/* Minutes of the service type with this name, from the field's datalist. */
function minutesOf(field, name) {
  const typed = name.trim().toLowerCase();
  return [...field.list.options].find((one) => one.value.toLowerCase() === typed)?.dataset.minutes;
}

function takesAnotherTime(field) {
  return !field.form.elements.minutes.value && minutesOf(field, field.value) !== minutesOf(field, field.defaultValue);
}

document.addEventListener("change", (event) => {
  const field = event.target;
  if (field.form?.id !== FORM) return;
  if (["day", "time"].includes(field.name)) field.form.querySelector(TYPED).checked = true;
  if (field.name === "slot" && !field.matches(TYPED)) forgetTyped(field.form);
  if (["day", "time", "slot"].includes(field.name)) showChoice();
  if (["rep", "minutes"].includes(field.name)) showTimes(field.form);
  if (field.name === "service" && takesAnotherTime(field)) setTimeout(showTimes, CLICK_MS, field.form);
});

document.addEventListener("htmx:after:swap", showChoice);
showChoice();
