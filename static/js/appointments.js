// Booking: the foot shows the chosen time, and the times reload as soon as the rep or the duration changes.

const FORM = "booking-form";
/* A click outside a text field blurs it, and that click can be on one of the times, so it is handled first. */
const CLICK_MS = 250;

function showChoice() {
  const form = document.getElementById(FORM);
  if (!form) return;
  const words = document.querySelector("[data-choice]");
  const button = document.querySelector("[data-choice-button]");
  const chosen = form.querySelector('input[name="slot"]:checked');
  if (!chosen || !words || !button) return;
  words.textContent = `${chosen.dataset.words}, ${chosen.dataset.time}`;
  button.lastChild.textContent = button.dataset.choiceButton.replace("{time}", chosen.dataset.start);
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
  if (field.name === "slot") showChoice();
  if (["rep", "minutes"].includes(field.name)) showTimes(field.form);
  if (field.name === "service" && takesAnotherTime(field)) setTimeout(showTimes, CLICK_MS, field.form);
});

document.addEventListener("htmx:after:swap", showChoice);
showChoice();
