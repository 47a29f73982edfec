// Booking: the foot says which time is chosen, and other times come as soon as who goes or for how long has changed.

const FORM = "booking-form";

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

document.addEventListener("change", (event) => {
  const form = event.target.form;
  if (form?.id !== FORM) return;
  if (event.target.name === "slot") showChoice();
  if (["rep", "minutes"].includes(event.target.name)) form.querySelector('[name="show_times"]')?.click();
});

document.addEventListener("htmx:after:swap", showChoice);
showChoice();
