// json_query: JMESPath over a value.
import type { Value } from '../../core/value.ts';
import { NotKnown, PythonError, Tripped } from '../special.ts';
import { filter, type Filters } from '../plugin.ts';
import { searchJmespath } from '../python/jmespath.ts';
import { pythonStr } from '../python/text.ts';

export const JSON_QUERY_FILTERS: Filters = {
  json_query: filter('data, expr', (_, data, expression) => {
    try {
      return searchJmespath(pythonStr(expression as Value), data as Value);
    } catch (error) {
      if (error instanceof Tripped || error instanceof NotKnown) throw error;
      throw new PythonError(
        'Error',
        `JMESPathError in json_query filter plugin:\n${error instanceof Error ? error.message : String(error)}`,
      );
    }
  }),
};
