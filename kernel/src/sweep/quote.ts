// Text that Bash and Slurm take for what it is.

/** One word for Bash, whatever is in it. */
export const bashWord = (text: string): string =>
  /^[\w./:=,@%+-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;

/** One value of an `#SBATCH` line. @throws RangeError for a line break, which would end it */
export function slurmWord(text: string): string {
  if (/[\n\r]/.test(text))
    throw new RangeError(`Cannot write for Slurm: no line breaks may be in ${JSON.stringify(text)}`);
  return /^[\w./:=,@%+-]+$/.test(text) ? text : `"${text.replace(/["\\]/g, "\\$&")}"`;
}
