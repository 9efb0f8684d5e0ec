"""The one exception for input that a user can put right."""


class InputError(Exception):
    """Settings, census or flags are wrong.

    The message names the file, row or key, what was found and what is allowed;
    command lines print it without a traceback and exit with status 2.
    """
