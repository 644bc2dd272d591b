// Predictions about paths: links, folders that follow from files, and facets that an earlier task had not asked for.
import { describe, expect, it } from 'vitest';
import { World } from '../../src/core/world.ts';
import { absent, fileState, folder, info, linkTo } from '../modules/states.ts';

describe('a predicted path', () => {
  it('is seen through the links that lead to it, and the other way round', () => {
    const world = new World();
    const link = linkTo('real', '/srv/real', fileState('old'));
    world.predict('path:/srv/real', fileState('new'), 'edit');
    expect(world.over('path:/srv/link', link)).toEqual({ ...link, real: fileState('new') });
    world.predict('path:/srv/link', linkTo('real', '/srv/real', fileState('newer')), 'edit through the link');
    expect(world.over('path:/srv/real', fileState('old'))).toEqual(fileState('newer'));
  });

  it('keeps the content that the predicting task had not asked for', () => {
    const world = new World();
    const { content: _content, ...bare } = fileState('text');
    world.predict('path:/srv/x', { ...bare, mode: '0600' }, 'mode');
    expect(world.over('path:/srv/x', fileState('text'))).toEqual({ ...fileState('text'), mode: '0600' });
  });

  it('is the very object that was predicted where nothing is missing', () => {
    const world = new World();
    const predicted = fileState('new');
    world.predict('path:/srv/x', predicted, 'write');
    expect(world.over('path:/srv/x', fileState('old'))).toBe(predicted);
  });

  it('does not take content from a file that another replaced', () => {
    const world = new World();
    const { content: _content, ...bare } = fileState('text');
    world.predict('path:/srv/x', { ...bare, info: { ...info, inode: 99 } }, 'another file');
    expect(world.over('path:/srv/x', fileState('text'))).not.toHaveProperty('content');
  });

  it('implies its folders, and is gone with them', () => {
    const world = new World();
    world.predict('path:/srv/a/b/c', fileState('x'), 'write');
    expect(world.over('path:/srv/a/b', absent)).toMatchObject({ kind: 'directory' });
    world.predict('path:/srv/a', absent, 'remove');
    expect(world.over('path:/srv/a/b/c', fileState('x'))).toEqual(absent);
    expect(world.over('path:/srv', folder)).toEqual(folder);
  });
});
