/** Copies by selection: the clipboard's own interface needs a permission that the page never has. */
export const copyElement = (element: HTMLElement): boolean => {
  const selection = getSelection();
  if (!selection) return false;
  const range = document.createRange();
  range.selectNodeContents(element);
  selection.removeAllRanges();
  selection.addRange(range);
  const isDone = document.execCommand('copy');
  selection.removeAllRanges();
  return isDone;
};

/** Copies a text as it is, line ends and tabs included. */
export const copyPlainText = (text: string): boolean => {
  let isDone = false;
  const give = (event: ClipboardEvent): void => {
    event.clipboardData?.setData('text/plain', text);
    event.preventDefault();
    isDone = true;
  };
  document.addEventListener('copy', give, { once: true });
  const isAsked = document.execCommand('copy');
  document.removeEventListener('copy', give);
  return isAsked && isDone;
};
