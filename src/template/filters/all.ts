// Every filter by name.
import type { Filters } from '../plugin.ts';
import { ANSIBLE_UTILS_FILTERS } from './ansible-utils.ts';
import { COMMUNITY_FILTERS } from './community.ts';
import { DICT_FILTERS } from './dicts.ts';
import { FORMAT_FILTERS } from './formats.ts';
import { HASH_FILTERS } from './hashes.ts';
import { HTML_FILTERS } from './html.ts';
import { JSON_QUERY_FILTERS } from './json-query.ts';
import { KEY_FILTERS } from './keys.ts';
import { LIST_FILTERS } from './lists.ts';
import { NETWORK_FILTERS } from './network.ts';
import { NUMBER_FILTERS } from './numbers.ts';
import { PATH_FILTERS } from './paths.ts';
import { RANDOM_FILTERS } from './random.ts';
import { REGEX_FILTERS } from './regex.ts';
import { SELECT_FILTERS } from './select.ts';
import { STRING_FILTERS } from './strings.ts';
import { TIME_FILTERS } from './times.ts';
import { VALUE_FILTERS } from './values.ts';
import { VAULT_FILTERS } from './vault.ts';

/** ansible.builtin, with Jinja's own. */
export const CORE_FILTERS: Filters = {
  ...DICT_FILTERS,
  ...FORMAT_FILTERS,
  ...HASH_FILTERS,
  ...HTML_FILTERS,
  ...LIST_FILTERS,
  ...NUMBER_FILTERS,
  ...PATH_FILTERS,
  ...RANDOM_FILTERS,
  ...REGEX_FILTERS,
  ...SELECT_FILTERS,
  ...STRING_FILTERS,
  ...TIME_FILTERS,
  ...VALUE_FILTERS,
  ...VAULT_FILTERS,
};
/** Those of the collections that most playbooks use: community.general, ansible.utils. */
export const COLLECTION_FILTERS: Filters = {
  ...ANSIBLE_UTILS_FILTERS,
  ...COMMUNITY_FILTERS,
  ...KEY_FILTERS,
  ...JSON_QUERY_FILTERS,
  ...NETWORK_FILTERS,
};
