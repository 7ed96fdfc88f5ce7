// The button that copies a new app password; without scripts or HTTPS people mark it themselves.
const button = document.getElementById("copy");
const secret = document.getElementById("secret");
const status = document.getElementById("copied");

button.hidden = !navigator.clipboard;
button.addEventListener("click", async () => {
  try {
    await navigator.clipboard.writeText(secret.textContent);
    status.textContent = status.dataset.copied;
  } catch {
    // The browser does not let us: mark it, so that a key copies it.
    getSelection().selectAllChildren(secret);
  }
});
