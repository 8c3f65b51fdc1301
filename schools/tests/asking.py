"""How the tests of the API ask: as one person, by a real token, in one language."""

from rest_framework.test import APIClient

from schools.tokens import create_token


def asking(person, language: str = "th") -> APIClient:
    """A client that sends the person's token with every request; JSON unless told otherwise."""
    client = APIClient(headers={"accept-language": language})
    client.credentials(HTTP_AUTHORIZATION=f"Token {create_token(person)}")
    client.default_format = "json"
    return client


def everything(client: APIClient, url: str, **asked) -> list[dict]:
    """Every row of a list, page by page; fails on a page that is not 200 or comes again."""
    rows, seen = [], set()
    answer = client.get(url, asked)
    while True:
        assert answer.status_code == 200, answer.content
        body = answer.json()
        rows += body["results"]
        if body["next"] is None:
            return rows
        assert body["next"] not in seen
        seen.add(body["next"])
        answer = client.get(body["next"])
