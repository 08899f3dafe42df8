"""Examples of the OpenAPI document."""

JOB_ID = "7f8a2a5e-3a2b-4b8c-9a53-0d6b1f0c9e11"

STARTED = {"job_id": JOB_ID, "status": "processing"}
COMPLETED = {
    "job_id": JOB_ID,
    "token_id": 7,
    "status": "completed",
    "pronunciation_score": 84.5,
    "intonation_score": 71.0,
    "emotion_score": 66.5,
    "overall_score": 74.0,
    "detailed_feedback": {"words": [{"word": "seven", "score": 84.5}]},
    "created_at": "2026-11-29T09:00:00Z",
}
FAILED = COMPLETED | {
    "status": "failed",
    "pronunciation_score": None,
    "intonation_score": None,
    "emotion_score": None,
    "overall_score": None,
    "detailed_feedback": None,
    "error": "the analysis server gave no result within 900 s",
}
REPORT = {
    "job_id": JOB_ID,
    "status": "completed",
    "result": {
        "pronunciation_score": 84.5,
        "intonation_score": 71.0,
        "emotion_score": 66.5,
        "detailed_feedback": {"words": [{"word": "seven", "score": 84.5}]},
    },
}
ACCEPTED = {"status": "accepted"}
