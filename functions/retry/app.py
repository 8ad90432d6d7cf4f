"""
The retry queue: deliver each message to the destination it names; partial batch response. Every
five minutes: send what the receiver has stored in S3 because SQS did not accept it.
"""

from __future__ import annotations

from typing import Any

from aws_lambda_powertools.utilities.batch import (
    BatchProcessor,
    EventType,
    process_partial_response,
)
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from aws_lambda_powertools.utilities.typing import LambdaContext

from shared.wiring import resend_app, retry_app

# The time that is kept for the end of the function, in seconds.
RESERVE = 15.0


def handler(event: dict[str, Any], context: LambdaContext) -> Any:
    """
    Process a batch; a message that raises returns to the queue, and blocks no other.

    The event of the schedule has no messages.
    """
    if "Records" not in event:
        with resend_app() as resender:
            return {"sent": resender.run(context.get_remaining_time_in_millis() / 1000 - RESERVE)}
    processor = BatchProcessor(event_type=EventType.SQS, raise_on_entire_batch_failure=False)
    with retry_app() as worker:

        def handle(record: SQSRecord) -> None:
            worker.handle(record.body, context.get_remaining_time_in_millis() / 1000)

        return process_partial_response(
            event=event, record_handler=handle, processor=processor, context=context
        )
