/** Terminal colours in tune with the page, light and dark. */

import type { ITheme } from "@xterm/xterm";

const DARK: ITheme = {
  background: "#141817", foreground: "#dfe5e2", cursor: "#7fd6b6", cursorAccent: "#141817",
  selectionBackground: "#2f5b4e", selectionInactiveBackground: "#26423a",
  scrollbarSliderBackground: "#ffffff1f", scrollbarSliderHoverBackground: "#ffffff33", scrollbarSliderActiveBackground: "#ffffff47",
  black: "#2a302e", red: "#f0857d", green: "#7cc894", yellow: "#e2bd6b", blue: "#7fb0ee", magenta: "#c79ae6", cyan: "#6cc7c7", white: "#cfd6d3",
  brightBlack: "#7d8985", brightRed: "#ffa69f", brightGreen: "#9fe0b2", brightYellow: "#f2d490", brightBlue: "#a5c9f7",
  brightMagenta: "#dcb9f2", brightCyan: "#93dede", brightWhite: "#f4f7f6",
};

const LIGHT: ITheme = {
  background: "#fdfdfc", foreground: "#232a28", cursor: "#1f6f5f", cursorAccent: "#fdfdfc",
  selectionBackground: "#bfe3d6", selectionInactiveBackground: "#dcece6",
  scrollbarSliderBackground: "#0000001f", scrollbarSliderHoverBackground: "#00000033", scrollbarSliderActiveBackground: "#00000047",
  black: "#232a28", red: "#b3322b", green: "#1f7a45", yellow: "#8a6100", blue: "#1e5fb3", magenta: "#8139ad", cyan: "#0f7278", white: "#d9dedb",
  brightBlack: "#66716d", brightRed: "#cf4138", brightGreen: "#2b9158", brightYellow: "#a37400", brightBlue: "#2f74cf",
  brightMagenta: "#9a4cc9", brightCyan: "#178a91", brightWhite: "#ffffff",
};

const dark = matchMedia("(prefers-color-scheme: dark)");

export const currentTheme = (): ITheme => (dark.matches ? DARK : LIGHT);

/** Calls back when the system changes between light and dark; returns how to stop. */
export function onThemeChange(changed: () => void): () => void {
  dark.addEventListener("change", changed);
  return () => dark.removeEventListener("change", changed);
}

/** Colours of search matches; they must be opaque hexadecimal. */
export const matchColours = () =>
  dark.matches
    ? { matchBackground: "#4a4326", matchOverviewRuler: "#8a7a35", activeMatchBackground: "#8a6d1a", activeMatchColorOverviewRuler: "#e2bd6b" }
    : { matchBackground: "#f6e7b3", matchOverviewRuler: "#d9bd5c", activeMatchBackground: "#f0c33c", activeMatchColorOverviewRuler: "#8a6100" };
