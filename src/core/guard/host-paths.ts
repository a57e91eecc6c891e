/** Text that leaves the host, without the places of files on it: of each path its last part stays. */
export const withoutHostPaths = (text: string): string =>
  text.replaceAll(/(?:file:\/\/|(?<![\w:/]))\/(?:[\w.@~+-]+\/)+([\w.@~+-]+)/g, '$1');
