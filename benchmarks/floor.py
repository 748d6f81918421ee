"""The floor: an empty FastAPI endpoint with the service's request and response models."""

import sys
from pathlib import Path

import uvicorn
from fastapi import FastAPI

from service.api.schemas import ScoreAnswer, ScoreRequest


def create_floor(answer: ScoreAnswer) -> FastAPI:
    """Return an application that reads a lead and always gives the same answer."""
    app = FastAPI()

    @app.post("/score")
    async def score(lead: ScoreRequest) -> ScoreAnswer:
        return answer

    return app


def main() -> int:
    """Serve it: PORT FILE, where the file holds the answer."""
    answer = ScoreAnswer.model_validate_json(Path(sys.argv[2]).read_bytes())
    uvicorn.run(create_floor(answer), port=int(sys.argv[1]), log_level="warning", access_log=False)
    return 0


if __name__ == "__main__":
    sys.exit(main())
