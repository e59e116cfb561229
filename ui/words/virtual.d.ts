/** The phrase book of a build, made by words/plugin.ts. */
declare module 'virtual:said' {
  const book: () => Promise<Readonly<Record<string, string>>>
  export default book
}
