// What came in the query is a secret: it goes on into the app and out of the address bar.
history.replaceState(null, '', location.pathname);
addEventListener('load', () => {
  const app = document.querySelector('a[data-go]');
  if (app) location.replace(app.href);
});
