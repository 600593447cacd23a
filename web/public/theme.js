// Theme and language before the first paint, so that a dark page never flashes white. A file of its
// own, since the content security policy allows no script inside the page.
(function () {
  var root = document.documentElement;
  var query = new URLSearchParams(location.search);
  var read = function (key) {
    try { return localStorage.getItem('duliang.' + key); } catch (e) { return null; }
  };
  var theme = query.get('theme') || read('theme') || 'auto';
  var dark = theme === 'dark' || (theme !== 'light' && matchMedia('(prefers-color-scheme: dark)').matches);
  var lang = query.get('lang') || read('lang') || (/^zh/i.test(navigator.language) ? 'zh' : 'en');
  root.dataset.theme = dark ? 'dark' : 'light';
  root.dataset.lang = lang === 'en' ? 'en' : 'zh';
  root.lang = lang === 'en' ? 'en' : 'zh-CN';
})();
