"""A flow that does nothing, as the measure of what Prefect itself takes."""

from prefect import flow


@flow
def trivial() -> None:
    """Do nothing."""


if __name__ == "__main__":
    trivial()
