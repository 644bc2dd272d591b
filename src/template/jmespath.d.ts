// The one function of jmespath that is used.
declare module 'jmespath' {
  const jmespath: { search(data: unknown, expression: string): unknown };
  export default jmespath;
}
