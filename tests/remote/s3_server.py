"""moto's server, which speaks like S3: `python -m tests.remote.s3_server`. It prints its port, and ends with its input.

Its log of requests is its standard error.
"""

import sys

from moto.server import ThreadedMotoServer


def main() -> None:
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    print(server.get_host_and_port()[1], flush=True)
    sys.stdin.read()


if __name__ == "__main__":
    main()
