/** The page is as high as what can be seen of it: a phone's keyboard that only covers it would hide the prompt. */

const LEAST_PX = 80; // less than this are the browser's own bars

let following = false;

export function followKeyboard(): void {
  const seen = window.visualViewport;
  if (!seen || following) return;
  following = true;
  seen.addEventListener("resize", () => {
    const covered = seen.scale === 1 && innerHeight - seen.height > LEAST_PX; // scaled: somebody zooms
    document.documentElement.style.setProperty("--seen", covered ? `${seen.height}px` : "100dvh");
    if (covered) scrollTo(0, 0); // the browser has moved the page to show what has the focus
  });
}
