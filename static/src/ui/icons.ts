/** Line icons, 16 px, drawn for this product. */

import { svg, type SVGTemplateResult } from "lit-html";

const PATHS = {
  grip: "M6 3.5h.01M10 3.5h.01M6 8h.01M10 8h.01M6 12.5h.01M10 12.5h.01",
  edit: "M10.8 3.2 12.8 5.2 5.6 12.4 3 13l.6-2.6zM9.4 4.6l2 2",
  trash: "M3 4.5h10M6.5 4.5V3h3v1.5M4.5 4.5l.6 8.5h5.8l.6-8.5M6.8 7v3.6M9.2 7v3.6",
  close: "M4 4l8 8M12 4l-8 8",
  dots: "M3.5 8h.01M8 8h.01M12.5 8h.01",
  archive: "M2.5 3.5h11v3h-11zM3.5 6.5v6h9v-6M6.5 9h3",
  text: "M3 4h10M3 7h10M3 10h10M3 13h6",
  play: "M5 3.5 12 8l-7 4.5z",
  pause: "M5.5 4v8M10.5 4v8",
  moon: "M13 9.6A5.3 5.3 0 0 1 6.4 3a5.3 5.3 0 1 0 6.6 6.6z",
  fork: "M4.5 5.5a1.5 1.5 0 1 0 0-3 1.5 1.5 0 0 0 0 3zM11.5 5.5a1.5 1.5 0 1 0 0-3 1.5 1.5 0 0 0 0 3zM8 13.5a1.5 1.5 0 1 0 0-3 1.5 1.5 0 0 0 0 3zM4.5 5.5c0 2 3.5 2 3.5 5M11.5 5.5c0 2-3.5 2-3.5 5",
  snapshot: "M2.5 5h2.4l1-1.5h4.2l1 1.5h2.4v7.5h-11zM8 10.8a2.2 2.2 0 1 0 0-4.4 2.2 2.2 0 0 0 0 4.4z",
  restore: "M3 3.5v3.5h3.5M3.3 7A5 5 0 1 1 3 9.2M8 6v2.5l1.8 1.2",
  clock: "M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12zM8 5v3.2l2 1.3",
  stop: "M4.5 4.5h7v7h-7z",
  forward: "M6 3l5 5-5 5",
  back: "M10 3 5 8l5 5",
  plus: "M8 3.5v9M3.5 8h9",
  full: "M9.5 3H13v3.5M13 3 9 7M6.5 13H3V9.5M3 13l4-4",
  shrink: "M12.5 6.5H9.5V3.5M9.5 6.5 13 3M3.5 9.5h3v3M6.5 9.5 3 13",
  link: "M6.8 9.2a2.6 2.6 0 0 0 3.7 0l2-2a2.6 2.6 0 0 0-3.7-3.7l-.8.8M9.2 6.8a2.6 2.6 0 0 0-3.7 0l-2 2a2.6 2.6 0 0 0 3.7 3.7l.8-.8",
  share: "M8 9.5V2.5M5.5 5 8 2.5 10.5 5M4.5 7.5h-1v6h9v-6h-1",
  search: "M7 11.5a4.5 4.5 0 1 0 0-9 4.5 4.5 0 0 0 0 9zM10.3 10.3 13.5 13.5",
  check: "M3.5 8.5 6.5 11.5 12.5 4.5",
  up: "M3.5 10 8 5.5 12.5 10",
  down: "M3.5 6 8 10.5 12.5 6",
  wall: "M2.5 3h4.8v4H2.5zM8.7 3h4.8v4H8.7zM2.5 9h4.8v4H2.5zM8.7 9h4.8v4H8.7z",
  bell: "M4 11.5h8M5 11.5V7.2a3 3 0 0 1 6 0v4.3M7 13.5h2M8 4.2V3",
  calendar: "M3 4.5h10v9H3zM3 7.5h10M5.5 2.5v3M10.5 2.5v3",
  comment: "M3 3.5h10v7H7.5L4.5 13v-2.5H3z",
  clip: "M12.5 7.5 8 12a2.8 2.8 0 0 1-4-4l4.8-4.8a1.9 1.9 0 0 1 2.7 2.7L6.8 10.6a.9.9 0 0 1-1.3-1.3l4.2-4.2",
  copy: "M5.5 5.5h7.5V13H5.5zM10.5 5.5V3H3v7.5h2.5",
  minus: "M4 8h8",
  tag: "M3 3h4.8l5.2 5.2-4.8 4.8L3 7.8zM5.6 5.6h.01",
  invite: "M6.5 8a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5zM2 13.3c.5-2.2 2.1-3.3 4.5-3.3s4 1.1 4.5 3.3M12.5 5v4M10.5 7h4",
  leave: "M9.5 3h-6v10h6M6.5 8h7M11 5.5 13.5 8 11 10.5",
  key: "M5.5 11.5a2.7 2.7 0 1 0 0-5.4 2.7 2.7 0 0 0 0 5.4zM7.4 6.9 12.5 3M10.3 4.7l1.6 2",
  screen: "M2.5 3.5h11v7.5h-11zM6 13.5h4M8 11v2.5",
  person: "M8 8a2.6 2.6 0 1 0 0-5.2A2.6 2.6 0 0 0 8 8zM3 13.5c.6-2.4 2.4-3.6 5-3.6s4.4 1.2 5 3.6",
  filter: "M2.5 4h11M4.5 8h7M6.5 12h3",
  keyboard: "M2 4.5h12v7H2zM4.5 7h.01M7 7h.01M9.5 7h.01M11.8 7h.01M5.5 9.3h5",
  hand: "M5 9V4.6a.9.9 0 0 1 1.8 0V7.5V3.4a.9.9 0 0 1 1.8 0v4.1V4.3a.9.9 0 0 1 1.8 0V8.2V6.3a.9.9 0 0 1 1.8 0v3.4c0 2.4-1.5 4-3.8 4-1.7 0-2.8-.7-3.6-2.1L3.2 9.3a.9.9 0 0 1 1.5-1L5.6 9.5",
  send: "M13 3 7 9.2M13 3 9.2 13 7 9.2 3 7z",
  prompt: "M3.5 4.5 7 8l-3.5 3.5M8.5 11.5h4",
  agent: "M4 6.5h8v6H4zM8 6.5V3.5M2.5 8.5v2M13.5 8.5v2M6.4 9.2h.01M9.6 9.2h.01",
  paste: "M5.5 3.5h-2v9.5h9V3.5h-2M5.5 2.5h5v2.5h-5z",
  hide: "M2.5 3h11v6h-11zM5 5.2h.01M8 5.2h.01M11 5.2h.01M6 7.2h4M6 11.5l2 2 2-2",
  rows: "M2.5 4h11M2.5 8h11M2.5 12h11",
  layers: "M8 2.5 14 5.5 8 8.5 2 5.5zM2 8l6 3 6-3M2 10.5l6 3 6-3",
  record: "M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12zM8 9.6a1.6 1.6 0 1 0 0-3.2 1.6 1.6 0 0 0 0 3.2z",
  download: "M8 2.5v8M5 7.5l3 3 3-3M3 13.5h10",
  previous: "M4 3.5v9M12.5 3.5 6 8l6.5 4.5z",
  next: "M12 3.5v9M3.5 3.5 10 8l-6.5 4.5z",
  help: "M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12zM6.3 6.3a1.8 1.8 0 1 1 2.6 1.7c-.6.3-.9.7-.9 1.3M8 11.3h.01",
} as const;

export type IconName = keyof typeof PATHS;

export function icon(name: IconName): SVGTemplateResult {
  return svg`<svg class="icon" data-icon=${name} viewBox="0 0 16 16" width="16" height="16" aria-hidden="true"><path d=${PATHS[name]} /></svg>`;
}

/** The product's mark, from where the page has it. */
export const MARK = document.querySelector<HTMLLinkElement>('link[rel="icon"]')?.href ?? "";
