/** A terminal's colours as CSS: the theme's sixteen, the cube, the greys, and true colour. */

import type { IBufferCell, ITheme } from "@xterm/xterm";

const NAMES = [
  "black", "red", "green", "yellow", "blue", "magenta", "cyan", "white",
  "brightBlack", "brightRed", "brightGreen", "brightYellow", "brightBlue", "brightMagenta", "brightCyan", "brightWhite",
] as const;

const LEVELS = [0, 95, 135, 175, 215, 255]; // of the 6 × 6 × 6 cube

function indexed(theme: ITheme, index: number): string {
  const name = NAMES[index];
  if (name) return theme[name] ?? "#808080";
  if (index >= 232) {
    const grey = 8 + (index - 232) * 10;
    return `rgb(${grey},${grey},${grey})`;
  }
  const cube = index - 16;
  return `rgb(${LEVELS[Math.floor(cube / 36)]},${LEVELS[Math.floor(cube / 6) % 6]},${LEVELS[cube % 6]})`;
}

const trueColour = (value: number): string => `#${value.toString(16).padStart(6, "0")}`;

export interface Ink {
  letters: string;
  /** Null where it is the terminal's own background. */
  ground: string | null;
}

function letters(cell: IBufferCell, theme: ITheme): string | null {
  if (cell.isFgRGB()) return trueColour(cell.getFgColor());
  if (!cell.isFgPalette()) return null;
  const index = cell.getFgColor();
  return indexed(theme, cell.isBold() && index < 8 ? index + 8 : index);
}

function ground(cell: IBufferCell, theme: ITheme): string | null {
  if (cell.isBgRGB()) return trueColour(cell.getBgColor());
  return cell.isBgPalette() ? indexed(theme, cell.getBgColor()) : null;
}

export function inkOf(cell: IBufferCell, theme: ITheme): Ink {
  const front = letters(cell, theme) ?? theme.foreground ?? "#ffffff";
  const back = ground(cell, theme);
  if (!cell.isInverse()) return { letters: front, ground: back };
  return { letters: back ?? theme.background ?? "#000000", ground: front };
}
