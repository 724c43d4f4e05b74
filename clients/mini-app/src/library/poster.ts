/** The colour of a placeholder: the same for the same title, different beside another. Degrees on the colour wheel. */
export function hueOf(titleId: string): number {
  let hash = 0;
  for (const character of titleId) {
    hash = (hash * 31 + (character.codePointAt(0) ?? 0)) % 360;
  }
  return hash;
}
