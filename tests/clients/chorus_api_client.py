"""Call one method of chorus-api, as its users do: chorus_api_client URL LOGIN PASSWORD METHOD

Runs in that client's own environment; the base URLs are the only thing that is not its own. Reads the method's
arguments from stdin, as a JSON object, and prints its answer in JSON.
"""

import json
import sys

from chorusapi.client import ChorusAPI


def main(url: str, login: str, password: str, method: str) -> None:
    client = ChorusAPI("local", "local-secret", login, password)
    client.auth_url = f"{url}/api/oauth/token"
    client.api_url = url
    answer = getattr(client.auth(), method)(**json.load(sys.stdin))
    json.dump(answer, sys.stdout, default=vars)


if __name__ == "__main__":
    main(*sys.argv[1:])
