# Modules that speak to an interface on the network: how its user is told, and calls that are tried again.
import functools
import random
import time


def basic_auth_argument_spec(spec=None):
    return {'api_username': {'type': 'str'}, 'api_password': {'type': 'str', 'no_log': True}, 'api_url': {'type': 'str'}, 'validate_certs': {'type': 'bool', 'default': True}, **(spec or {})}


def rate_limit_argument_spec(spec=None):
    return {'rate': {'type': 'int'}, 'rate_limit': {'type': 'int'}, **(spec or {})}


def retry_argument_spec(spec=None):
    return {'retries': {'type': 'int'}, 'retry_pause': {'type': 'float', 'default': 1}, **(spec or {})}


def rate_limit(rate=None, rate_limit=None):
    """At most `rate` calls in `rate_limit` seconds."""
    pause = rate_limit / rate if rate and rate_limit else 0

    def decorate(function):
        last = [0.0]

        @functools.wraps(function)
        def limited(*args, **kwargs):
            time.sleep(max(0.0, last[0] + pause - time.monotonic()))
            last[0] = time.monotonic()
            return function(*args, **kwargs)

        return limited

    return decorate


def retry(retries=None, retry_pause=1):
    """Called again until it gives something, `retries` times at most; without `retries` called once."""

    def decorate(function):
        if retries is None:
            return function

        @functools.wraps(function)
        def retried(*args, **kwargs):
            for _ in range(retries):
                try:
                    found = function(*args, **kwargs)
                except Exception:
                    found = None
                if found:
                    return found
                time.sleep(retry_pause)
            raise Exception('Retry limit exceeded: %d' % retries)

        return retried

    return decorate


def generate_jittered_backoff(retries=10, delay_base=3, delay_threshold=60):
    for attempt in range(retries):
        yield random.randint(0, min(delay_threshold, delay_base * 2**attempt))


def retry_never(exception_or_result):
    return False


def retry_with_delays_and_condition(backoff_iterator, should_retry_error=None):
    """Called again after each of the pauses, while its error is one to be tried again."""
    again = should_retry_error or retry_never

    def decorate(function):
        @functools.wraps(function)
        def retried(*args, **kwargs):
            for pause in backoff_iterator:
                try:
                    return function(*args, **kwargs)
                except Exception as error:
                    if not again(error):
                        raise
                time.sleep(pause)
            return function(*args, **kwargs)

        return retried

    return decorate
