// docker_volume_info: what Docker says of a volume.
import { infoModule } from './docker/info-module.ts';

export const docker_volume_info = infoModule('volume', '/volumes/', '', {
  task: `
- community.docker.docker_volume_info:
    name: vbx-example
`,
});
