# The web server that playbooks ask: a file, JSON, redirections, statuses, a password, and an echo of what was sent.
import base64
import json
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

TEXT = b'a file from the web\n'


class Handler(BaseHTTPRequestHandler):
    protocol_version = 'HTTP/1.1'

    def version_string(self):
        return 'Web'

    def answer(self, status, body=b'', **headers):
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace('_', '-'), value)
        self.send_header('Content-Length', str(len(body)))
        self.end_headers()
        if self.command != 'HEAD':
            self.wfile.write(body)

    def json(self, value, status=200):
        self.answer(status, json.dumps(value).encode(), Content_Type='application/json')

    def handle_any(self):
        body = self.rfile.read(int(self.headers.get('Content-Length') or 0))
        path, _, query = self.path.partition('?')
        if path == '/file.txt':
            modified = 'Tue, 02 Jan 2024 03:04:05 GMT'
            if self.headers.get('If-Modified-Since') == modified:
                self.answer(304)
            else:
                self.answer(200, TEXT, Content_Type='text/plain', Last_Modified=modified)
        elif path == '/json':
            self.json({'name': 'lantern', 'list': [1, 2, {'deep': True}], 'none': None})
        elif path == '/moved':
            self.answer(302, Location='/json')
        elif path.startswith('/status/'):
            self.json({'status': path[8:]}, int(path[8:]))
        elif path == '/secret':
            wanted = 'Basic ' + base64.b64encode(b'ops:sesame').decode()
            if self.headers.get('Authorization') == wanted:
                self.json({'open': True})
            else:
                self.answer(401, b'no', WWW_Authenticate='Basic realm="web"')
        elif path == '/echo':
            self.json({
                'method': self.command, 'query': query, 'body': body.decode(),
                'type': self.headers.get('Content-Type'), 'mark': self.headers.get('X-Mark'),
            })
        else:
            self.answer(404, b'not here')

    do_GET = do_POST = do_PUT = do_HEAD = do_DELETE = do_PATCH = handle_any


ThreadingHTTPServer(('127.0.0.1', 8080), Handler).serve_forever()
