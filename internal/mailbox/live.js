// Shows newer messages as they come, where nothing is being read; without it, the page has to be reloaded.
const mark = Number(document.body.dataset.mark);
const note = document.getElementById('newer');
const look = async () => {
  if (document.hidden) return;
  const list = await fetch('/dev/mailbox', { headers: { accept: 'text/html' } }).then((answer) => answer.text()).catch(() => '');
  const newest = Number(/data-mark="(\d+)"/.exec(list)?.[1] ?? mark);
  if (newest === mark) return;
  if (document.body.dataset.open) note.hidden = false;
  else location.reload();
};
setInterval(look, 1500);
document.addEventListener('visibilitychange', look);
