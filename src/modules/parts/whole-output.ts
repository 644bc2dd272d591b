// A file that a program of the host writes: beside its place first, and there only when the program has ended well.

/**
 * Shell text that writes the file named by the shell word `path`. `write` gives the command for the word that it writes to; the text ends with the
 * command's status where that is not 0. What is no plain file (a link, a device, a pipe) is written where it is.
 */
export function wholeOutput(path: string, write: (to: string) => string): string {
  return `vbx_to=${path}; vbx_new=$vbx_to
if [ ! -e "$vbx_to" ] || { [ -f "$vbx_to" ] && [ ! -L "$vbx_to" ]; }; then
  vbx_new=$(mktemp "$vbx_to.XXXXXX") || exit
  trap 'rm -f -- "$vbx_new"' EXIT
  if [ -e "$vbx_to" ]; then chmod "$(stat -c %a -- "$vbx_to")" "$vbx_new"; else chmod =rw "$vbx_new"; fi || exit
fi
${write('"$vbx_new"')} || exit
[ "$vbx_new" = "$vbx_to" ] || mv -f -- "$vbx_new" "$vbx_to"`;
}
