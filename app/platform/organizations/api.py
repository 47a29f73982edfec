"""The JSON API of organizations as the platform manages them: sign-up only."""

from app.declarations.api import Callers, NoApi, Operation
from app.errors import Conflict, NotFound
from app.platform.organizations import client_operations
from app.platform.organizations.resource import PLATFORM_STAFF
from app.platform.organizations.schemas import SignedUpRecord, SignUpInput
from app.web.concurrency_limit import Lane, in_lane
from app.web.rate_limits import Limits

API = (
    NoApi(PLATFORM_STAFF, "It belongs to the platform, which has no API."),
    Operation(
        name="signUp",
        run=client_operations.sign_up,
        method="POST",
        path="auth/signup",
        summary="Create an organization and its owner, where the installation allows it",
        callers=Callers.ANYONE,
        input=SignUpInput,
        example={
            "organizationName": "Blue Ridge Air",
            "name": "Ann Lee",
            "email": "ann@blue-ridge.example",
            "password": "twelve-copper-kettles",
            "slug": "blue-ridge",
        },
        answer=SignedUpRecord,
        status=201,
        location="organization",
        errors=(NotFound, Conflict),
        is_secret=True,
        limits=Limits("sign-up", per_address="5 per hour; 20 per day"),
        around=(in_lane(Lane.SIGN_IN), client_operations.where_sign_up_is_on),
    ),
)
