// Counts down, and shows the payment anew when something became of it.

const payment = document.querySelector("[data-testid=payment]");
const countdown = document.getElementById("countdown");
const until = document.querySelector("time")?.dateTime;

function count() {
  const seconds = Math.max(0, Math.floor((new Date(until) - Date.now()) / 1000));
  const parts = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  const shown = parts[0] ? parts : parts.slice(1);
  countdown.textContent = `(${shown.map((part) => String(part).padStart(2, "0")).join(":")})`;
}

async function look() {
  const answer = await fetch(`${location.pathname}/status${location.search}`).catch(() => null);
  const status = answer?.ok ? (await answer.json()).status : payment.dataset.status;
  if (status !== payment.dataset.status) location.reload();
}

if (payment?.dataset.status === "pending") {
  count();
  setInterval(count, 1000);
  setInterval(look, 1000);
}
