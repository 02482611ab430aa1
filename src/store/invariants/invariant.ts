/** Something that has to be true of every database of this program, whatever has happened to it. */
export interface Invariant {
  /** As the design names it: I1, I2 … */
  id: string;
  /** What is true, as a sentence. */
  title: string;
  /** One select that looks at everything and changes nothing; each row is a violation and has one column, `id`: what it is about. */
  sql: string;
}
