// Before the first paint, and outside the app: what the reader chose last time, so that no page flashes white at night.
try {
  var look = JSON.parse(localStorage.getItem("look") || "{}");
  if (look.theme) document.documentElement.dataset.theme = look.theme;
  if (look.size) document.documentElement.dataset.size = look.size;
} catch {}
