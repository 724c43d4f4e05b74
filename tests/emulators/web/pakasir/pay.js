// Counts down, shows the payment anew when something became of it, and leads back.

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

// Paying adds no page to the tab's history, so that the tab may close itself.
document.querySelector("form")?.addEventListener("submit", async (event) => {
  event.preventDefault();
  event.submitter.disabled = true;
  await fetch(location.href, { method: "POST", redirect: "manual" }).catch(() => null);
  location.reload();
});

// A tab that was opened for the payment closes: what it was opened from lies beneath, as it was. Any other goes there.
document.querySelector("[data-testid=back]")?.addEventListener("click", (event) => {
  if (history.length > 1) return;
  event.preventDefault();
  const { href } = event.currentTarget;
  window.close();
  setTimeout(() => location.assign(href), 300);
});
