
export type Json = string | number | boolean | null | { [key: string]: Json | undefined } | Json[]

export type Database = {
  
  "public": {
          Tables: {
            "anchor_chains": {
                  Row: {
                    "anchor_number": number,"chain": string,"from_seq": number,"head_hash": string,"to_seq": number
                  }
                  ComputedFields: never
                  Insert: {
                    "anchor_number": number,"chain": string,"from_seq": number,"head_hash": string,"to_seq": number
                  }
                  Update: {
                    "anchor_number"?: number,"chain"?: string,"from_seq"?: number,"head_hash"?: string,"to_seq"?: number
                  }
                  Relationships: [
                    {
      foreignKeyName: "anchor_chains_anchor_number_fkey"
      columns: ["anchor_number"]
isOneToOne: false
      referencedRelation: "anchors"
      referencedColumns: ["anchor_number"]
    }
                  ]
                },"anchor_places": {
                  Row: {
                    "anchor_number": number,"kept_at": string,"place": string,"reference": string
                  }
                  ComputedFields: never
                  Insert: {
                    "anchor_number": number,"kept_at"?: string,"place": string,"reference": string
                  }
                  Update: {
                    "anchor_number"?: number,"kept_at"?: string,"place"?: string,"reference"?: string
                  }
                  Relationships: [
                    {
      foreignKeyName: "anchor_places_anchor_number_fkey"
      columns: ["anchor_number"]
isOneToOne: false
      referencedRelation: "anchors"
      referencedColumns: ["anchor_number"]
    }
                  ]
                },"anchor_problems": {
                  Row: {
                    "anchor_number": number,"place": string,"problem": string,"since": string
                  }
                  ComputedFields: never
                  Insert: {
                    "anchor_number": number,"place": string,"problem": string,"since"?: string
                  }
                  Update: {
                    "anchor_number"?: number,"place"?: string,"problem"?: string,"since"?: string
                  }
                  Relationships: [
                    {
      foreignKeyName: "anchor_problems_anchor_number_fkey"
      columns: ["anchor_number"]
isOneToOne: false
      referencedRelation: "anchors"
      referencedColumns: ["anchor_number"]
    }
                  ]
                },"anchors": {
                  Row: {
                    "anchor_number": number,"chain_count": number,"hash": string,"made_at": string,"merkle_root": string,"prev_hash": string,"record_count": number,"_anchor_view": Json | null
                  }
                  ComputedFields: "_anchor_view"
                  Insert: {
                    "anchor_number": number,"chain_count": number,"hash": string,"made_at": string,"merkle_root": string,"prev_hash": string,"record_count": number
                  }
                  Update: {
                    "anchor_number"?: number,"chain_count"?: number,"hash"?: string,"made_at"?: string,"merkle_root"?: string,"prev_hash"?: string,"record_count"?: number
                  }
                  Relationships: [
                    
                  ]
                },"approval_requests": {
                  Row: {
                    "action": string,"artifact_checksum": string,"artifact_id": string,"called_at": string | null,"called_level": number | null,"created_at": string,"decided_at": string | null,"dry_run_artifact_id": string | null,"escalate_at": string | null,"expires_at": string | null,"lease_expires_at": string | null,"policy_version": number,"reference": string,"remind_at": string | null,"request_id": string,"requester_person_id": string | null,"requirements": NonNullable<Json>,"shown_at": string | null,"slots": (string)[],"staging_problem": string | null,"status": string,"step_id": string,"target_chat_id": number,"target_topic_id": number | null,"task_id": string,"tier": string,"version": number,"void_reason": string | null,"wake_seq": number,"warn_at": string | null,"woken_at": string,"worker": string | null,"_close_gate": Json | null,"_facts": Json | null,"_request_limit": string | null,"_uncounted": string | null,"_verdict": Json | null
                  }
                  ComputedFields: "_close_gate" | "_facts" | "_request_limit" | "_uncounted" | "_verdict"
                  Insert: {
                    "action": string,"artifact_checksum": string,"artifact_id": string,"called_at"?: string | null,"called_level"?: number | null,"created_at"?: string,"decided_at"?: string | null,"dry_run_artifact_id"?: string | null,"escalate_at"?: string | null,"expires_at"?: string | null,"lease_expires_at"?: string | null,"policy_version": number,"reference": string,"remind_at"?: string | null,"request_id"?: string,"requester_person_id"?: string | null,"requirements": NonNullable<Json>,"shown_at"?: string | null,"slots": (string)[],"staging_problem"?: string | null,"status"?: string,"step_id": string,"target_chat_id": number,"target_topic_id"?: number | null,"task_id": string,"tier": string,"version": number,"void_reason"?: string | null,"wake_seq"?: number,"warn_at"?: string | null,"woken_at"?: string,"worker"?: string | null
                  }
                  Update: {
                    "action"?: string,"artifact_checksum"?: string,"artifact_id"?: string,"called_at"?: string | null,"called_level"?: number | null,"created_at"?: string,"decided_at"?: string | null,"dry_run_artifact_id"?: string | null,"escalate_at"?: string | null,"expires_at"?: string | null,"lease_expires_at"?: string | null,"policy_version"?: number,"reference"?: string,"remind_at"?: string | null,"request_id"?: string,"requester_person_id"?: string | null,"requirements"?: NonNullable<Json>,"shown_at"?: string | null,"slots"?: (string)[],"staging_problem"?: string | null,"status"?: string,"step_id"?: string,"target_chat_id"?: number,"target_topic_id"?: number | null,"task_id"?: string,"tier"?: string,"version"?: number,"void_reason"?: string | null,"wake_seq"?: number,"warn_at"?: string | null,"woken_at"?: string,"worker"?: string | null
                  }
                  Relationships: [
                    {
      foreignKeyName: "approval_requests_artifact_id_fkey"
      columns: ["artifact_id"]
isOneToOne: false
      referencedRelation: "artifacts"
      referencedColumns: ["artifact_id"]
    },{
      foreignKeyName: "approval_requests_dry_run_artifact_id_fkey"
      columns: ["dry_run_artifact_id"]
isOneToOne: false
      referencedRelation: "artifacts"
      referencedColumns: ["artifact_id"]
    },{
      foreignKeyName: "approval_requests_policy_version_fkey"
      columns: ["policy_version"]
isOneToOne: false
      referencedRelation: "policies"
      referencedColumns: ["policy_version"]
    },{
      foreignKeyName: "approval_requests_requester_person_id_fkey"
      columns: ["requester_person_id"]
isOneToOne: false
      referencedRelation: "people"
      referencedColumns: ["person_id"]
    },{
      foreignKeyName: "approval_requests_step_id_fkey"
      columns: ["step_id"]
isOneToOne: false
      referencedRelation: "task_steps"
      referencedColumns: ["step_id"]
    },{
      foreignKeyName: "approval_requests_task_id_fkey"
      columns: ["task_id"]
isOneToOne: false
      referencedRelation: "tasks"
      referencedColumns: ["task_id"]
    }
                  ]
                },"approvals": {
                  Row: {
                    "approval_id": string,"approver": string,"artifact_checksum": string,"break_glass_id": string | null,"decision": string,"factor_checked_at": string | null,"person_id": string,"reason": string | null,"request_id": string,"role": string,"step_id": string,"task_id": string,"tier": string,"ts": string,"_behind_approval": (string)[] | null
                  }
                  ComputedFields: "_behind_approval"
                  Insert: {
                    "approval_id"?: string,"approver": string,"artifact_checksum": string,"break_glass_id"?: string | null,"decision": string,"factor_checked_at"?: string | null,"person_id": string,"reason"?: string | null,"request_id": string,"role": string,"step_id": string,"task_id": string,"tier": string,"ts"?: string
                  }
                  Update: {
                    "approval_id"?: string,"approver"?: string,"artifact_checksum"?: string,"break_glass_id"?: string | null,"decision"?: string,"factor_checked_at"?: string | null,"person_id"?: string,"reason"?: string | null,"request_id"?: string,"role"?: string,"step_id"?: string,"task_id"?: string,"tier"?: string,"ts"?: string
                  }
                  Relationships: [
                    {
      foreignKeyName: "approvals_break_glass_id_fkey"
      columns: ["break_glass_id"]
isOneToOne: false
      referencedRelation: "break_glasses"
      referencedColumns: ["break_glass_id"]
    },{
      foreignKeyName: "approvals_person_id_fkey"
      columns: ["person_id"]
isOneToOne: false
      referencedRelation: "people"
      referencedColumns: ["person_id"]
    },{
      foreignKeyName: "approvals_request_id_fkey"
      columns: ["request_id"]
isOneToOne: false
      referencedRelation: "approval_requests"
      referencedColumns: ["request_id"]
    },{
      foreignKeyName: "approvals_step_id_fkey"
      columns: ["step_id"]
isOneToOne: false
      referencedRelation: "task_steps"
      referencedColumns: ["step_id"]
    },{
      foreignKeyName: "approvals_task_id_fkey"
      columns: ["task_id"]
isOneToOne: false
      referencedRelation: "tasks"
      referencedColumns: ["task_id"]
    }
                  ]
                },"artifacts": {
                  Row: {
                    "archived_at": string | null,"artifact_id": string,"checksum": string,"content": string | null,"content_type": string,"created_at": string,"made_by": string,"prompt_checksum": string | null,"search": unknown,"size_bytes": number,"step_id": string | null,"storage_ref": string,"task_id": string,"type": string,"_artifact_json": Json | null
                  }
                  ComputedFields: "_artifact_json"
                  Insert: {
                    "archived_at"?: string | null,"artifact_id"?: string,"checksum": string,"content"?: string | null,"content_type": string,"created_at"?: string,"made_by": string,"prompt_checksum"?: string | null,"search"?: never,"size_bytes": number,"step_id"?: string | null,"storage_ref": string,"task_id": string,"type": string
                  }
                  Update: {
                    "archived_at"?: string | null,"artifact_id"?: string,"checksum"?: string,"content"?: string | null,"content_type"?: string,"created_at"?: string,"made_by"?: string,"prompt_checksum"?: string | null,"search"?: never,"size_bytes"?: number,"step_id"?: string | null,"storage_ref"?: string,"task_id"?: string,"type"?: string
                  }
                  Relationships: [
                    {
      foreignKeyName: "artifacts_step_id_fkey"
      columns: ["step_id"]
isOneToOne: false
      referencedRelation: "task_steps"
      referencedColumns: ["step_id"]
    },{
      foreignKeyName: "artifacts_task_id_fkey"
      columns: ["task_id"]
isOneToOne: false
      referencedRelation: "tasks"
      referencedColumns: ["task_id"]
    }
                  ]
                },"audit_heads": {
                  Row: {
                    "chain": string,"hash": string,"seq": number
                  }
                  ComputedFields: never
                  Insert: {
                    "chain": string,"hash": string,"seq": number
                  }
                  Update: {
                    "chain"?: string,"hash"?: string,"seq"?: number
                  }
                  Relationships: [
                    
                  ]
                },"audit_logs": {
                  Row: {
                    "action": string,"actor": string,"after_json": Json | null,"before_json": Json | null,"chain": string,"hash": string,"id": number,"object": string,"prev_hash": string,"seq": number,"ts": string
                  }
                  ComputedFields: never
                  Insert: {
                    "action": string,"actor": string,"after_json"?: Json | null,"before_json"?: Json | null,"chain": string,"hash": string,"id"?: never,"object": string,"prev_hash": string,"seq": number,"ts": string
                  }
                  Update: {
                    "action"?: string,"actor"?: string,"after_json"?: Json | null,"before_json"?: Json | null,"chain"?: string,"hash"?: string,"id"?: never,"object"?: string,"prev_hash"?: string,"seq"?: number,"ts"?: string
                  }
                  Relationships: [
                    
                  ]
                },"break_glasses": {
                  Row: {
                    "artifact_checksum": string,"break_glass_id": string,"change_id": string,"ended_at": string | null,"expires_at": string,"opened_at": string,"request_id": string,"review": string | null,"review_due_at": string,"review_reminded_at": string | null,"reviewed_at": string | null,"reviewed_by": string | null,"status": string,"task_id": string,"void_reason": string | null,"waived_slot": string | null
                  }
                  ComputedFields: never
                  Insert: {
                    "artifact_checksum": string,"break_glass_id"?: string,"change_id": string,"ended_at"?: string | null,"expires_at"?: string,"opened_at"?: string,"request_id": string,"review"?: string | null,"review_due_at"?: string,"review_reminded_at"?: string | null,"reviewed_at"?: string | null,"reviewed_by"?: string | null,"status"?: string,"task_id": string,"void_reason"?: string | null,"waived_slot"?: string | null
                  }
                  Update: {
                    "artifact_checksum"?: string,"break_glass_id"?: string,"change_id"?: string,"ended_at"?: string | null,"expires_at"?: string,"opened_at"?: string,"request_id"?: string,"review"?: string | null,"review_due_at"?: string,"review_reminded_at"?: string | null,"reviewed_at"?: string | null,"reviewed_by"?: string | null,"status"?: string,"task_id"?: string,"void_reason"?: string | null,"waived_slot"?: string | null
                  }
                  Relationships: [
                    {
      foreignKeyName: "break_glasses_change_id_fkey"
      columns: ["change_id"]
isOneToOne: true
      referencedRelation: "changes"
      referencedColumns: ["change_id"]
    },{
      foreignKeyName: "break_glasses_request_id_fkey"
      columns: ["request_id"]
isOneToOne: false
      referencedRelation: "approval_requests"
      referencedColumns: ["request_id"]
    },{
      foreignKeyName: "break_glasses_task_id_fkey"
      columns: ["task_id"]
isOneToOne: false
      referencedRelation: "tasks"
      referencedColumns: ["task_id"]
    }
                  ]
                },"breakers": {
                  Row: {
                    "changed_at": string,"failures": (string)[],"last_code": string | null,"name": string,"opened_at": string | null,"opened_by": string | null,"probe_holder": string | null,"probe_until": string | null,"state": string,"_breaker_view": Json | null
                  }
                  ComputedFields: "_breaker_view"
                  Insert: {
                    "changed_at"?: string,"failures"?: (string)[],"last_code"?: string | null,"name": string,"opened_at"?: string | null,"opened_by"?: string | null,"probe_holder"?: string | null,"probe_until"?: string | null,"state"?: string
                  }
                  Update: {
                    "changed_at"?: string,"failures"?: (string)[],"last_code"?: string | null,"name"?: string,"opened_at"?: string | null,"opened_by"?: string | null,"probe_holder"?: string | null,"probe_until"?: string | null,"state"?: string
                  }
                  Relationships: [
                    
                  ]
                },"budget_days": {
                  Row: {
                    "day": string,"reserved_usd": number,"spent_usd": number
                  }
                  ComputedFields: never
                  Insert: {
                    "day": string,"reserved_usd"?: number,"spent_usd"?: number
                  }
                  Update: {
                    "day"?: string,"reserved_usd"?: number,"spent_usd"?: number
                  }
                  Relationships: [
                    
                  ]
                },"buttons": {
                  Row: {
                    "card_id": string,"created_at": string,"request_id": string | null,"token": string
                  }
                  ComputedFields: never
                  Insert: {
                    "card_id": string,"created_at"?: string,"request_id"?: string | null,"token": string
                  }
                  Update: {
                    "card_id"?: string,"created_at"?: string,"request_id"?: string | null,"token"?: string
                  }
                  Relationships: [
                    {
      foreignKeyName: "buttons_card_id_fkey"
      columns: ["card_id"]
isOneToOne: false
      referencedRelation: "cards"
      referencedColumns: ["card_id"]
    },{
      foreignKeyName: "buttons_request_id_fkey"
      columns: ["request_id"]
isOneToOne: false
      referencedRelation: "approval_requests"
      referencedColumns: ["request_id"]
    }
                  ]
                },"cards": {
                  Row: {
                    "card_id": string,"change_id": string | null,"chat_id": number,"created_at": string,"draft_checksum": string | null,"draft_document_checksum": string | null,"effect_id": string | null,"generation": number | null,"incident_id": string | null,"is_settled": boolean,"kind": string,"message_id": number | null,"redraw_count": number,"run_id": string | null,"sent_at": string | null,"shown_mark": string | null,"stale_since": string | null,"step_id": string | null,"topic_id": number | null,"_card_face": {
              "id": string,"is_over": boolean,"job": string,"mark": string
            } | null
                  }
                  ComputedFields: "_card_face"
                  Insert: {
                    "card_id"?: string,"change_id"?: string | null,"chat_id": number,"created_at"?: string,"draft_checksum"?: string | null,"draft_document_checksum"?: string | null,"effect_id"?: string | null,"generation"?: number | null,"incident_id"?: string | null,"is_settled"?: boolean,"kind": string,"message_id"?: number | null,"redraw_count"?: number,"run_id"?: string | null,"sent_at"?: string | null,"shown_mark"?: string | null,"stale_since"?: string | null,"step_id"?: string | null,"topic_id"?: number | null
                  }
                  Update: {
                    "card_id"?: string,"change_id"?: string | null,"chat_id"?: number,"created_at"?: string,"draft_checksum"?: string | null,"draft_document_checksum"?: string | null,"effect_id"?: string | null,"generation"?: number | null,"incident_id"?: string | null,"is_settled"?: boolean,"kind"?: string,"message_id"?: number | null,"redraw_count"?: number,"run_id"?: string | null,"sent_at"?: string | null,"shown_mark"?: string | null,"stale_since"?: string | null,"step_id"?: string | null,"topic_id"?: number | null
                  }
                  Relationships: [
                    {
      foreignKeyName: "cards_change_id_fkey"
      columns: ["change_id"]
isOneToOne: false
      referencedRelation: "changes"
      referencedColumns: ["change_id"]
    },{
      foreignKeyName: "cards_draft"
      columns: ["draft_checksum","draft_document_checksum"]
isOneToOne: false
      referencedRelation: "policy_drafts"
      referencedColumns: ["checksum","document_checksum"]
    },{
      foreignKeyName: "cards_effect_id_fkey"
      columns: ["effect_id"]
isOneToOne: false
      referencedRelation: "effects"
      referencedColumns: ["effect_id"]
    },{
      foreignKeyName: "cards_incident_id_fkey"
      columns: ["incident_id"]
isOneToOne: false
      referencedRelation: "incidents"
      referencedColumns: ["incident_id"]
    },{
      foreignKeyName: "cards_run_id_fkey"
      columns: ["run_id"]
isOneToOne: false
      referencedRelation: "runbook_runs"
      referencedColumns: ["run_id"]
    },{
      foreignKeyName: "cards_step_id_fkey"
      columns: ["step_id"]
isOneToOne: false
      referencedRelation: "task_steps"
      referencedColumns: ["step_id"]
    }
                  ]
                },"change_decisions": {
                  Row: {
                    "approver": string,"change_id": string,"checksum": string,"decision": string,"decision_id": string,"factor_checked_at": string | null,"person_id": string,"reason": string | null,"slot": string,"ts": string,"via": string,"void_reason": string | null,"voided_at": string | null
                  }
                  ComputedFields: never
                  Insert: {
                    "approver": string,"change_id": string,"checksum": string,"decision": string,"decision_id"?: string,"factor_checked_at"?: string | null,"person_id": string,"reason"?: string | null,"slot": string,"ts"?: string,"via": string,"void_reason"?: string | null,"voided_at"?: string | null
                  }
                  Update: {
                    "approver"?: string,"change_id"?: string,"checksum"?: string,"decision"?: string,"decision_id"?: string,"factor_checked_at"?: string | null,"person_id"?: string,"reason"?: string | null,"slot"?: string,"ts"?: string,"via"?: string,"void_reason"?: string | null,"voided_at"?: string | null
                  }
                  Relationships: [
                    {
      foreignKeyName: "change_decisions_change_id_fkey"
      columns: ["change_id"]
isOneToOne: false
      referencedRelation: "changes"
      referencedColumns: ["change_id"]
    },{
      foreignKeyName: "change_decisions_person_id_fkey"
      columns: ["person_id"]
isOneToOne: false
      referencedRelation: "people"
      referencedColumns: ["person_id"]
    }
                  ]
                },"changes": {
                  Row: {
                    "after_json": Json | null,"announced_in": (number)[] | null,"before_json": Json | null,"called_at": string | null,"called_level": number | null,"change_id": string,"checksum": string,"created_at": string,"decided_at": string | null,"ended_at": string | null,"escalate_at": string | null,"expires_at": string,"kind": string,"payload": NonNullable<Json>,"policy_version": number,"proposed_by": string,"proposer": string,"reason": string | null,"reference": string,"remind_at": string | null,"slots": (string)[],"status": string,"subject": string,"tell_requested_at": string | null,"void_reason": string | null,"warn_at": string | null,"_apply_delegation": Json | null,"_apply_factor_reset": Json | null,"_apply_link_accounts": Json | null,"_apply_policy": Json | null,"_apply_role_grant": Json | null,"_apply_role_revoke": Json | null,"_break_glass_view": Json | null,"_change_people_problem": string | null,"_drop_lost_decisions": boolean | null,"_veto_runs_from": string | null,"_was_vetoed": boolean | null
                  }
                  ComputedFields: "_apply_delegation" | "_apply_factor_reset" | "_apply_link_accounts" | "_apply_policy" | "_apply_role_grant" | "_apply_role_revoke" | "_break_glass_view" | "_change_people_problem" | "_drop_lost_decisions" | "_veto_runs_from" | "_was_vetoed"
                  Insert: {
                    "after_json"?: Json | null,"announced_in"?: (number)[] | null,"before_json"?: Json | null,"called_at"?: string | null,"called_level"?: number | null,"change_id"?: string,"checksum": string,"created_at"?: string,"decided_at"?: string | null,"ended_at"?: string | null,"escalate_at"?: string | null,"expires_at": string,"kind": string,"payload": NonNullable<Json>,"policy_version": number,"proposed_by": string,"proposer": string,"reason"?: string | null,"reference": string,"remind_at"?: string | null,"slots": (string)[],"status"?: string,"subject": string,"tell_requested_at"?: string | null,"void_reason"?: string | null,"warn_at"?: string | null
                  }
                  Update: {
                    "after_json"?: Json | null,"announced_in"?: (number)[] | null,"before_json"?: Json | null,"called_at"?: string | null,"called_level"?: number | null,"change_id"?: string,"checksum"?: string,"created_at"?: string,"decided_at"?: string | null,"ended_at"?: string | null,"escalate_at"?: string | null,"expires_at"?: string,"kind"?: string,"payload"?: NonNullable<Json>,"policy_version"?: number,"proposed_by"?: string,"proposer"?: string,"reason"?: string | null,"reference"?: string,"remind_at"?: string | null,"slots"?: (string)[],"status"?: string,"subject"?: string,"tell_requested_at"?: string | null,"void_reason"?: string | null,"warn_at"?: string | null
                  }
                  Relationships: [
                    {
      foreignKeyName: "changes_policy_version_fkey"
      columns: ["policy_version"]
isOneToOne: false
      referencedRelation: "policies"
      referencedColumns: ["policy_version"]
    },{
      foreignKeyName: "changes_proposed_by_fkey"
      columns: ["proposed_by"]
isOneToOne: false
      referencedRelation: "people"
      referencedColumns: ["person_id"]
    }
                  ]
                },"chat_moves": {
                  Row: {
                    "chat_id": number,"confirmed_at": string | null,"new_chat_id": number,"noticed_at": string
                  }
                  ComputedFields: never
                  Insert: {
                    "chat_id": number,"confirmed_at"?: string | null,"new_chat_id": number,"noticed_at"?: string
                  }
                  Update: {
                    "chat_id"?: number,"confirmed_at"?: string | null,"new_chat_id"?: number,"noticed_at"?: string
                  }
                  Relationships: [
                    
                  ]
                },"denial_rules": {
                  Row: {
                    "author_person_id": string,"created_at": string,"denied_actor": string,"effect_kind": string,"expires_at": string,"lifted_at": string | null,"lifted_by": string | null,"reason": string,"request_id": string,"target_chat_id": number,"target_topic_id": number | null,"_rule_view": Json | null
                  }
                  ComputedFields: "_rule_view"
                  Insert: {
                    "author_person_id": string,"created_at"?: string,"denied_actor": string,"effect_kind": string,"expires_at": string,"lifted_at"?: string | null,"lifted_by"?: string | null,"reason": string,"request_id": string,"target_chat_id": number,"target_topic_id"?: number | null
                  }
                  Update: {
                    "author_person_id"?: string,"created_at"?: string,"denied_actor"?: string,"effect_kind"?: string,"expires_at"?: string,"lifted_at"?: string | null,"lifted_by"?: string | null,"reason"?: string,"request_id"?: string,"target_chat_id"?: number,"target_topic_id"?: number | null
                  }
                  Relationships: [
                    {
      foreignKeyName: "denial_rules_author_person_id_fkey"
      columns: ["author_person_id"]
isOneToOne: false
      referencedRelation: "people"
      referencedColumns: ["person_id"]
    },{
      foreignKeyName: "denial_rules_request_id_fkey"
      columns: ["request_id"]
isOneToOne: true
      referencedRelation: "approval_requests"
      referencedColumns: ["request_id"]
    }
                  ]
                },"effect_attempts": {
                  Row: {
                    "attempt": number,"attempt_id": string,"chat_id": number | null,"effect_id": string,"error": string | null,"generation": number,"landed_by": string | null,"message_id": number | null,"part": number,"settled_at": string | null,"started_at": string,"status": string,"topic_id": number | null
                  }
                  ComputedFields: never
                  Insert: {
                    "attempt": number,"attempt_id"?: string,"chat_id"?: number | null,"effect_id": string,"error"?: string | null,"generation": number,"landed_by"?: string | null,"message_id"?: number | null,"part": number,"settled_at"?: string | null,"started_at"?: string,"status"?: string,"topic_id"?: number | null
                  }
                  Update: {
                    "attempt"?: number,"attempt_id"?: string,"chat_id"?: number | null,"effect_id"?: string,"error"?: string | null,"generation"?: number,"landed_by"?: string | null,"message_id"?: number | null,"part"?: number,"settled_at"?: string | null,"started_at"?: string,"status"?: string,"topic_id"?: number | null
                  }
                  Relationships: [
                    {
      foreignKeyName: "effect_attempts_effect_id_fkey"
      columns: ["effect_id"]
isOneToOne: false
      referencedRelation: "effects"
      referencedColumns: ["effect_id"]
    }
                  ]
                },"effects": {
                  Row: {
                    "artifact_checksum": string,"break_glass_id": string | null,"doubt_resend_by": string | null,"doubt_resend_slot": string | null,"effect_id": string,"fence": number,"generation": number,"granted_at": string,"idempotency_key": string,"kind": string,"money_order": Json | null,"outcome_note": string | null,"part_count": number,"policy_version": number,"request_id": string | null,"sent_again_by": string | null,"settled_at": string | null,"status": string,"step_id": string,"target_chat_id": number,"target_topic_id": number | null,"task_id": string,"tier": string,"_effect_view": Json | null,"_may_have_moved": boolean | null,"_settle_orphan": Json | null,"_use_break_glass": Json | null
                  }
                  ComputedFields: "_effect_view" | "_may_have_moved" | "_settle_orphan" | "_use_break_glass"
                  Insert: {
                    "artifact_checksum": string,"break_glass_id"?: string | null,"doubt_resend_by"?: string | null,"doubt_resend_slot"?: string | null,"effect_id"?: string,"fence": number,"generation": number,"granted_at"?: string,"idempotency_key": string,"kind": string,"money_order"?: Json | null,"outcome_note"?: string | null,"part_count": number,"policy_version": number,"request_id"?: string | null,"sent_again_by"?: string | null,"settled_at"?: string | null,"status"?: string,"step_id": string,"target_chat_id": number,"target_topic_id"?: number | null,"task_id": string,"tier": string
                  }
                  Update: {
                    "artifact_checksum"?: string,"break_glass_id"?: string | null,"doubt_resend_by"?: string | null,"doubt_resend_slot"?: string | null,"effect_id"?: string,"fence"?: number,"generation"?: number,"granted_at"?: string,"idempotency_key"?: string,"kind"?: string,"money_order"?: Json | null,"outcome_note"?: string | null,"part_count"?: number,"policy_version"?: number,"request_id"?: string | null,"sent_again_by"?: string | null,"settled_at"?: string | null,"status"?: string,"step_id"?: string,"target_chat_id"?: number,"target_topic_id"?: number | null,"task_id"?: string,"tier"?: string
                  }
                  Relationships: [
                    {
      foreignKeyName: "effects_break_glass_id_fkey"
      columns: ["break_glass_id"]
isOneToOne: false
      referencedRelation: "break_glasses"
      referencedColumns: ["break_glass_id"]
    },{
      foreignKeyName: "effects_doubt_resend_by_fkey"
      columns: ["doubt_resend_by"]
isOneToOne: false
      referencedRelation: "people"
      referencedColumns: ["person_id"]
    },{
      foreignKeyName: "effects_policy_version_fkey"
      columns: ["policy_version"]
isOneToOne: false
      referencedRelation: "policies"
      referencedColumns: ["policy_version"]
    },{
      foreignKeyName: "effects_request_id_fkey"
      columns: ["request_id"]
isOneToOne: false
      referencedRelation: "approval_requests"
      referencedColumns: ["request_id"]
    },{
      foreignKeyName: "effects_step_id_fkey"
      columns: ["step_id"]
isOneToOne: false
      referencedRelation: "task_steps"
      referencedColumns: ["step_id"]
    },{
      foreignKeyName: "effects_task_id_fkey"
      columns: ["task_id"]
isOneToOne: false
      referencedRelation: "tasks"
      referencedColumns: ["task_id"]
    }
                  ]
                },"engine_calls": {
                  Row: {
                    "call_id": string,"cost_usd": number | null,"created_at": string,"day": string,"engine": string,"input_tokens": number | null,"latency_ms": number | null,"model": string | null,"outcome": string,"output_tokens": number | null,"reserved_tokens": number,"reserved_usd": number,"settled_at": string | null,"step_id": string,"task_id": string
                  }
                  ComputedFields: never
                  Insert: {
                    "call_id"?: string,"cost_usd"?: number | null,"created_at"?: string,"day": string,"engine": string,"input_tokens"?: number | null,"latency_ms"?: number | null,"model"?: string | null,"outcome"?: string,"output_tokens"?: number | null,"reserved_tokens": number,"reserved_usd": number,"settled_at"?: string | null,"step_id": string,"task_id": string
                  }
                  Update: {
                    "call_id"?: string,"cost_usd"?: number | null,"created_at"?: string,"day"?: string,"engine"?: string,"input_tokens"?: number | null,"latency_ms"?: number | null,"model"?: string | null,"outcome"?: string,"output_tokens"?: number | null,"reserved_tokens"?: number,"reserved_usd"?: number,"settled_at"?: string | null,"step_id"?: string,"task_id"?: string
                  }
                  Relationships: [
                    {
      foreignKeyName: "engine_calls_step_id_fkey"
      columns: ["step_id"]
isOneToOne: false
      referencedRelation: "task_steps"
      referencedColumns: ["step_id"]
    },{
      foreignKeyName: "engine_calls_task_id_fkey"
      columns: ["task_id"]
isOneToOne: false
      referencedRelation: "tasks"
      referencedColumns: ["task_id"]
    }
                  ]
                },"events": {
                  Row: {
                    "agent": string | null,"event_id": string,"idempotency_key": string,"payload_json": NonNullable<Json>,"schema_version": string,"seq": number,"step_id": string | null,"streamed_at": string | null,"task_id": string | null,"ts": string,"type": string,"_envelope": Json | null
                  }
                  ComputedFields: "_envelope"
                  Insert: {
                    "agent"?: string | null,"event_id"?: string,"idempotency_key": string,"payload_json"?: NonNullable<Json>,"schema_version"?: string,"seq"?: never,"step_id"?: string | null,"streamed_at"?: string | null,"task_id"?: string | null,"ts"?: string,"type": string
                  }
                  Update: {
                    "agent"?: string | null,"event_id"?: string,"idempotency_key"?: string,"payload_json"?: NonNullable<Json>,"schema_version"?: string,"seq"?: never,"step_id"?: string | null,"streamed_at"?: string | null,"task_id"?: string | null,"ts"?: string,"type"?: string
                  }
                  Relationships: [
                    {
      foreignKeyName: "events_task_id_fkey"
      columns: ["task_id"]
isOneToOne: false
      referencedRelation: "tasks"
      referencedColumns: ["task_id"]
    }
                  ]
                },"factor_passes": {
                  Row: {
                    "checked_at": string,"pass_id": string,"person_id": string,"subject": string,"used_at": string | null
                  }
                  ComputedFields: never
                  Insert: {
                    "checked_at"?: string,"pass_id"?: string,"person_id": string,"subject": string,"used_at"?: string | null
                  }
                  Update: {
                    "checked_at"?: string,"pass_id"?: string,"person_id"?: string,"subject"?: string,"used_at"?: string | null
                  }
                  Relationships: [
                    {
      foreignKeyName: "factor_passes_person_id_fkey"
      columns: ["person_id"]
isOneToOne: false
      referencedRelation: "people"
      referencedColumns: ["person_id"]
    }
                  ]
                },"failed_calls": {
                  Row: {
                    "answer": string | null,"call_id": number,"code": string,"elapsed_ms": number,"name": string,"request": NonNullable<Json>,"status": number | null,"ts": string
                  }
                  ComputedFields: never
                  Insert: {
                    "answer"?: string | null,"call_id"?: never,"code": string,"elapsed_ms": number,"name": string,"request": NonNullable<Json>,"status"?: number | null,"ts"?: string
                  }
                  Update: {
                    "answer"?: string | null,"call_id"?: never,"code"?: string,"elapsed_ms"?: number,"name"?: string,"request"?: NonNullable<Json>,"status"?: number | null,"ts"?: string
                  }
                  Relationships: [
                    
                  ]
                },"fallback_checks": {
                  Row: {
                    "asked_at": string,"asked_by": string,"chat_id": number | null,"check_id": string,"ended_at": string | null,"message_id": number | null,"outcome": string,"results": NonNullable<Json>,"started_at": string | null,"task_id": string | null,"topic_id": number | null,"worker": string | null,"_fallback_check_view": Json | null
                  }
                  ComputedFields: "_fallback_check_view"
                  Insert: {
                    "asked_at"?: string,"asked_by": string,"chat_id"?: number | null,"check_id"?: string,"ended_at"?: string | null,"message_id"?: number | null,"outcome"?: string,"results"?: NonNullable<Json>,"started_at"?: string | null,"task_id"?: string | null,"topic_id"?: number | null,"worker"?: string | null
                  }
                  Update: {
                    "asked_at"?: string,"asked_by"?: string,"chat_id"?: number | null,"check_id"?: string,"ended_at"?: string | null,"message_id"?: number | null,"outcome"?: string,"results"?: NonNullable<Json>,"started_at"?: string | null,"task_id"?: string | null,"topic_id"?: number | null,"worker"?: string | null
                  }
                  Relationships: [
                    {
      foreignKeyName: "fallback_checks_task_id_fkey"
      columns: ["task_id"]
isOneToOne: false
      referencedRelation: "tasks"
      referencedColumns: ["task_id"]
    }
                  ]
                },"identities": {
                  Row: {
                    "external_id": number,"greeted_at": string | null,"person_id": string,"platform": string,"private_chat_since": string | null,"seen_at": string,"username": string | null
                  }
                  ComputedFields: never
                  Insert: {
                    "external_id": number,"greeted_at"?: string | null,"person_id": string,"platform"?: string,"private_chat_since"?: string | null,"seen_at"?: string,"username"?: string | null
                  }
                  Update: {
                    "external_id"?: number,"greeted_at"?: string | null,"person_id"?: string,"platform"?: string,"private_chat_since"?: string | null,"seen_at"?: string,"username"?: string | null
                  }
                  Relationships: [
                    {
      foreignKeyName: "identities_person_id_fkey"
      columns: ["person_id"]
isOneToOne: false
      referencedRelation: "people"
      referencedColumns: ["person_id"]
    }
                  ]
                },"inbox": {
                  Row: {
                    "attempt_count": number,"chat_key": string,"ended_at": string | null,"error": string | null,"external_id": string,"inbox_id": number,"is_urgent": boolean,"lease_expires_at": string | null,"not_before": string | null,"payload": NonNullable<Json>,"place": number | null,"received_at": string,"source": string,"status": string,"worker": string | null
                  }
                  ComputedFields: never
                  Insert: {
                    "attempt_count"?: number,"chat_key": string,"ended_at"?: string | null,"error"?: string | null,"external_id": string,"inbox_id"?: never,"is_urgent"?: boolean,"lease_expires_at"?: string | null,"not_before"?: string | null,"payload": NonNullable<Json>,"place"?: never,"received_at"?: string,"source": string,"status"?: string,"worker"?: string | null
                  }
                  Update: {
                    "attempt_count"?: number,"chat_key"?: string,"ended_at"?: string | null,"error"?: string | null,"external_id"?: string,"inbox_id"?: never,"is_urgent"?: boolean,"lease_expires_at"?: string | null,"not_before"?: string | null,"payload"?: NonNullable<Json>,"place"?: never,"received_at"?: string,"source"?: string,"status"?: string,"worker"?: string | null
                  }
                  Relationships: [
                    
                  ]
                },"incidents": {
                  Row: {
                    "acked_at": string | null,"acked_by": string | null,"change_seq": number,"evidence": NonNullable<Json>,"fingerprint": string,"first_seen_at": string,"incident_id": string,"kind": string,"last_seen_at": string,"muted_by": string | null,"muted_until": string | null,"nudged_at": string | null,"occurrence_count": number,"resolution": string | null,"resolved_at": string | null,"resolved_by": string | null,"runbook": string | null,"severity": string,"shown_at": string | null,"shown_seq": number,"state": string,"task_ids": (string)[],"title": string,"_incident_view": Json | null,"_is_incident_over": boolean | null
                  }
                  ComputedFields: "_incident_view" | "_is_incident_over"
                  Insert: {
                    "acked_at"?: string | null,"acked_by"?: string | null,"change_seq"?: number,"evidence"?: NonNullable<Json>,"fingerprint": string,"first_seen_at"?: string,"incident_id"?: string,"kind": string,"last_seen_at"?: string,"muted_by"?: string | null,"muted_until"?: string | null,"nudged_at"?: string | null,"occurrence_count"?: number,"resolution"?: string | null,"resolved_at"?: string | null,"resolved_by"?: string | null,"runbook"?: string | null,"severity": string,"shown_at"?: string | null,"shown_seq"?: number,"state"?: string,"task_ids"?: (string)[],"title": string
                  }
                  Update: {
                    "acked_at"?: string | null,"acked_by"?: string | null,"change_seq"?: number,"evidence"?: NonNullable<Json>,"fingerprint"?: string,"first_seen_at"?: string,"incident_id"?: string,"kind"?: string,"last_seen_at"?: string,"muted_by"?: string | null,"muted_until"?: string | null,"nudged_at"?: string | null,"occurrence_count"?: number,"resolution"?: string | null,"resolved_at"?: string | null,"resolved_by"?: string | null,"runbook"?: string | null,"severity"?: string,"shown_at"?: string | null,"shown_seq"?: number,"state"?: string,"task_ids"?: (string)[],"title"?: string
                  }
                  Relationships: [
                    
                  ]
                },"leases": {
                  Row: {
                    "claimed_at": string,"expires_at": string,"holder": string,"name": string
                  }
                  ComputedFields: never
                  Insert: {
                    "claimed_at": string,"expires_at": string,"holder": string,"name": string
                  }
                  Update: {
                    "claimed_at"?: string,"expires_at"?: string,"holder"?: string,"name"?: string
                  }
                  Relationships: [
                    
                  ]
                },"limits": {
                  Row: {
                    "account_id": string,"daily_loss_cap": number | null,"max_order_size": number | null,"max_positions": number | null,"max_single_tx_usdt": number | null,"policy_version": number | null,"updated_at": string
                  }
                  ComputedFields: never
                  Insert: {
                    "account_id": string,"daily_loss_cap"?: number | null,"max_order_size"?: number | null,"max_positions"?: number | null,"max_single_tx_usdt"?: number | null,"policy_version"?: number | null,"updated_at"?: string
                  }
                  Update: {
                    "account_id"?: string,"daily_loss_cap"?: number | null,"max_order_size"?: number | null,"max_positions"?: number | null,"max_single_tx_usdt"?: number | null,"policy_version"?: number | null,"updated_at"?: string
                  }
                  Relationships: [
                    {
      foreignKeyName: "limits_policy_version_fkey"
      columns: ["policy_version"]
isOneToOne: false
      referencedRelation: "policies"
      referencedColumns: ["policy_version"]
    }
                  ]
                },"parked_effects": {
                  Row: {
                    "breaker": string,"effect_id": string,"ended_at": string | null,"note": string | null,"outcome": string | null,"parked_at": string,"parked_id": number,"task_id": string
                  }
                  ComputedFields: never
                  Insert: {
                    "breaker": string,"effect_id": string,"ended_at"?: string | null,"note"?: string | null,"outcome"?: string | null,"parked_at"?: string,"parked_id"?: never,"task_id": string
                  }
                  Update: {
                    "breaker"?: string,"effect_id"?: string,"ended_at"?: string | null,"note"?: string | null,"outcome"?: string | null,"parked_at"?: string,"parked_id"?: never,"task_id"?: string
                  }
                  Relationships: [
                    {
      foreignKeyName: "parked_effects_breaker_fkey"
      columns: ["breaker"]
isOneToOne: false
      referencedRelation: "breakers"
      referencedColumns: ["name"]
    },{
      foreignKeyName: "parked_effects_effect_id_fkey"
      columns: ["effect_id"]
isOneToOne: false
      referencedRelation: "effects"
      referencedColumns: ["effect_id"]
    },{
      foreignKeyName: "parked_effects_task_id_fkey"
      columns: ["task_id"]
isOneToOne: false
      referencedRelation: "tasks"
      referencedColumns: ["task_id"]
    }
                  ]
                },"payer_blocks": {
                  Row: {
                    "block_id": number,"blocked_at": string,"blocked_by": string,"lifted_at": string | null,"lifted_by": string | null,"payer": string,"reason": string
                  }
                  ComputedFields: never
                  Insert: {
                    "block_id"?: never,"blocked_at"?: string,"blocked_by": string,"lifted_at"?: string | null,"lifted_by"?: string | null,"payer": string,"reason": string
                  }
                  Update: {
                    "block_id"?: never,"blocked_at"?: string,"blocked_by"?: string,"lifted_at"?: string | null,"lifted_by"?: string | null,"payer"?: string,"reason"?: string
                  }
                  Relationships: [
                    {
      foreignKeyName: "payer_blocks_payer_fkey"
      columns: ["payer"]
isOneToOne: false
      referencedRelation: "payers"
      referencedColumns: ["payer"]
    }
                  ]
                },"payer_checks": {
                  Row: {
                    "check_id": number,"checked_at": string,"checked_by": string,"item": string,"outcome": string,"payer": string,"valid_until": string | null
                  }
                  ComputedFields: never
                  Insert: {
                    "check_id"?: never,"checked_at"?: string,"checked_by": string,"item": string,"outcome": string,"payer": string,"valid_until"?: string | null
                  }
                  Update: {
                    "check_id"?: never,"checked_at"?: string,"checked_by"?: string,"item"?: string,"outcome"?: string,"payer"?: string,"valid_until"?: string | null
                  }
                  Relationships: [
                    {
      foreignKeyName: "payer_checks_payer_fkey"
      columns: ["payer"]
isOneToOne: false
      referencedRelation: "payers"
      referencedColumns: ["payer"]
    }
                  ]
                },"payers": {
                  Row: {
                    "created_at": string,"payer": string
                  }
                  ComputedFields: never
                  Insert: {
                    "created_at"?: string,"payer": string
                  }
                  Update: {
                    "created_at"?: string,"payer"?: string
                  }
                  Relationships: [
                    
                  ]
                },"people": {
                  Row: {
                    "created_at": string,"display_name": string,"person_id": string
                  }
                  ComputedFields: never
                  Insert: {
                    "created_at"?: string,"display_name": string,"person_id"?: string
                  }
                  Update: {
                    "created_at"?: string,"display_name"?: string,"person_id"?: string
                  }
                  Relationships: [
                    
                  ]
                },"person_roles": {
                  Row: {
                    "delegated_by": string | null,"expires_at": string | null,"grant_id": string,"granted_at": string,"granted_by": string,"granted_change_id": string | null,"person_id": string,"revoked_at": string | null,"revoked_by": string | null,"revoked_change_id": string | null,"role": string,"source": string
                  }
                  ComputedFields: never
                  Insert: {
                    "delegated_by"?: string | null,"expires_at"?: string | null,"grant_id"?: string,"granted_at"?: string,"granted_by": string,"granted_change_id"?: string | null,"person_id": string,"revoked_at"?: string | null,"revoked_by"?: string | null,"revoked_change_id"?: string | null,"role": string,"source": string
                  }
                  Update: {
                    "delegated_by"?: string | null,"expires_at"?: string | null,"grant_id"?: string,"granted_at"?: string,"granted_by"?: string,"granted_change_id"?: string | null,"person_id"?: string,"revoked_at"?: string | null,"revoked_by"?: string | null,"revoked_change_id"?: string | null,"role"?: string,"source"?: string
                  }
                  Relationships: [
                    {
      foreignKeyName: "person_roles_delegated_by_fkey"
      columns: ["delegated_by"]
isOneToOne: false
      referencedRelation: "people"
      referencedColumns: ["person_id"]
    },{
      foreignKeyName: "person_roles_granted_change_id_fkey"
      columns: ["granted_change_id"]
isOneToOne: false
      referencedRelation: "changes"
      referencedColumns: ["change_id"]
    },{
      foreignKeyName: "person_roles_person_id_fkey"
      columns: ["person_id"]
isOneToOne: false
      referencedRelation: "people"
      referencedColumns: ["person_id"]
    },{
      foreignKeyName: "person_roles_revoked_change_id_fkey"
      columns: ["revoked_change_id"]
isOneToOne: false
      referencedRelation: "changes"
      referencedColumns: ["change_id"]
    }
                  ]
                },"policies": {
                  Row: {
                    "change_id": string | null,"checksum": string,"created_at": string,"document": NonNullable<Json>,"in_force_at": string | null,"policy_version": number,"proposed_by": string,"retired_at": string | null,"source": string,"_policy_state": Json | null
                  }
                  ComputedFields: "_policy_state"
                  Insert: {
                    "change_id"?: string | null,"checksum": string,"created_at"?: string,"document": NonNullable<Json>,"in_force_at"?: string | null,"policy_version"?: never,"proposed_by": string,"retired_at"?: string | null,"source": string
                  }
                  Update: {
                    "change_id"?: string | null,"checksum"?: string,"created_at"?: string,"document"?: NonNullable<Json>,"in_force_at"?: string | null,"policy_version"?: never,"proposed_by"?: string,"retired_at"?: string | null,"source"?: string
                  }
                  Relationships: [
                    {
      foreignKeyName: "policies_change_id_fkey"
      columns: ["change_id"]
isOneToOne: false
      referencedRelation: "changes"
      referencedColumns: ["change_id"]
    }
                  ]
                },"policy_drafts": {
                  Row: {
                    "backtest": Json | null,"checksum": string,"created_at": string,"created_by": string,"document": NonNullable<Json>,"document_checksum": string,"is_offered": boolean,"source": string,"_draft_view": Json | null
                  }
                  ComputedFields: "_draft_view"
                  Insert: {
                    "backtest"?: Json | null,"checksum": string,"created_at"?: string,"created_by": string,"document": NonNullable<Json>,"document_checksum": string,"is_offered"?: boolean,"source": string
                  }
                  Update: {
                    "backtest"?: Json | null,"checksum"?: string,"created_at"?: string,"created_by"?: string,"document"?: NonNullable<Json>,"document_checksum"?: string,"is_offered"?: boolean,"source"?: string
                  }
                  Relationships: [
                    
                  ]
                },"prompt_sets": {
                  Row: {
                    "changed": (string)[],"hashes": NonNullable<Json>,"prompt_set": number,"rubric": string,"since": string,"worker": string
                  }
                  ComputedFields: never
                  Insert: {
                    "changed": (string)[],"hashes": NonNullable<Json>,"prompt_set"?: never,"rubric": string,"since"?: string,"worker": string
                  }
                  Update: {
                    "changed"?: (string)[],"hashes"?: NonNullable<Json>,"prompt_set"?: never,"rubric"?: string,"since"?: string,"worker"?: string
                  }
                  Relationships: [
                    
                  ]
                },"prompts": {
                  Row: {
                    "answered_at": string | null,"card_message_id": number | null,"change_id": string | null,"chat_id": number,"created_at": string,"earlier_message_ids": (number)[],"expires_at": string,"external_id": number,"kind": string,"message_id": number | null,"prompt_id": string,"request_id": string | null,"subject": string | null,"topic_id": number | null,"wish": Json | null,"_about_factor": Json | null
                  }
                  ComputedFields: "_about_factor"
                  Insert: {
                    "answered_at"?: string | null,"card_message_id"?: number | null,"change_id"?: string | null,"chat_id": number,"created_at"?: string,"earlier_message_ids"?: (number)[],"expires_at"?: string,"external_id": number,"kind": string,"message_id"?: number | null,"prompt_id"?: string,"request_id"?: string | null,"subject"?: string | null,"topic_id"?: number | null,"wish"?: Json | null
                  }
                  Update: {
                    "answered_at"?: string | null,"card_message_id"?: number | null,"change_id"?: string | null,"chat_id"?: number,"created_at"?: string,"earlier_message_ids"?: (number)[],"expires_at"?: string,"external_id"?: number,"kind"?: string,"message_id"?: number | null,"prompt_id"?: string,"request_id"?: string | null,"subject"?: string | null,"topic_id"?: number | null,"wish"?: Json | null
                  }
                  Relationships: [
                    {
      foreignKeyName: "prompts_change_id_fkey"
      columns: ["change_id"]
isOneToOne: false
      referencedRelation: "changes"
      referencedColumns: ["change_id"]
    },{
      foreignKeyName: "prompts_request_id_fkey"
      columns: ["request_id"]
isOneToOne: false
      referencedRelation: "approval_requests"
      referencedColumns: ["request_id"]
    }
                  ]
                },"rate_windows": {
                  Row: {
                    "limit_name": string,"opened_at": string,"subject": string,"used": number
                  }
                  ComputedFields: never
                  Insert: {
                    "limit_name": string,"opened_at": string,"subject": string,"used": number
                  }
                  Update: {
                    "limit_name"?: string,"opened_at"?: string,"subject"?: string,"used"?: number
                  }
                  Relationships: [
                    
                  ]
                },"retrieval_cache": {
                  Row: {
                    "artifact_ids": (string)[],"chat_id": number | null,"entry_id": number,"found_at": string,"goal_hash": string,"query_hash": string
                  }
                  ComputedFields: never
                  Insert: {
                    "artifact_ids": (string)[],"chat_id"?: number | null,"entry_id"?: never,"found_at"?: string,"goal_hash": string,"query_hash": string
                  }
                  Update: {
                    "artifact_ids"?: (string)[],"chat_id"?: number | null,"entry_id"?: never,"found_at"?: string,"goal_hash"?: string,"query_hash"?: string
                  }
                  Relationships: [
                    
                  ]
                },"rule_offers": {
                  Row: {
                    "chat_id": number,"created_at": string,"message_id": number | null,"person_id": string,"request_id": string,"token": string
                  }
                  ComputedFields: never
                  Insert: {
                    "chat_id": number,"created_at"?: string,"message_id"?: number | null,"person_id": string,"request_id": string,"token": string
                  }
                  Update: {
                    "chat_id"?: number,"created_at"?: string,"message_id"?: number | null,"person_id"?: string,"request_id"?: string,"token"?: string
                  }
                  Relationships: [
                    {
      foreignKeyName: "rule_offers_person_id_fkey"
      columns: ["person_id"]
isOneToOne: false
      referencedRelation: "people"
      referencedColumns: ["person_id"]
    },{
      foreignKeyName: "rule_offers_request_id_fkey"
      columns: ["request_id"]
isOneToOne: false
      referencedRelation: "approval_requests"
      referencedColumns: ["request_id"]
    }
                  ]
                },"runbook_runs": {
                  Row: {
                    "asked_by": string,"chat_id": number,"created_at": string,"ended_at": string | null,"name": string,"next_at": string | null,"run_id": string,"started_at": string | null,"started_by": string | null,"state": string,"subject": string | null,"topic_id": number | null,"_give_canary": Json | null,"_run_view": Json | null
                  }
                  ComputedFields: "_give_canary" | "_run_view"
                  Insert: {
                    "asked_by": string,"chat_id": number,"created_at"?: string,"ended_at"?: string | null,"name": string,"next_at"?: string | null,"run_id"?: string,"started_at"?: string | null,"started_by"?: string | null,"state"?: string,"subject"?: string | null,"topic_id"?: number | null
                  }
                  Update: {
                    "asked_by"?: string,"chat_id"?: number,"created_at"?: string,"ended_at"?: string | null,"name"?: string,"next_at"?: string | null,"run_id"?: string,"started_at"?: string | null,"started_by"?: string | null,"state"?: string,"subject"?: string | null,"topic_id"?: number | null
                  }
                  Relationships: [
                    
                  ]
                },"runbook_steps": {
                  Row: {
                    "data": NonNullable<Json>,"ended_at": string | null,"name": string,"plan": string,"position": number,"result": string | null,"run_id": string,"started_at": string | null,"state": string,"_run_desync_step": Json | null,"_try_search": Json | null
                  }
                  ComputedFields: "_run_desync_step" | "_try_search"
                  Insert: {
                    "data"?: NonNullable<Json>,"ended_at"?: string | null,"name": string,"plan": string,"position": number,"result"?: string | null,"run_id": string,"started_at"?: string | null,"state"?: string
                  }
                  Update: {
                    "data"?: NonNullable<Json>,"ended_at"?: string | null,"name"?: string,"plan"?: string,"position"?: number,"result"?: string | null,"run_id"?: string,"started_at"?: string | null,"state"?: string
                  }
                  Relationships: [
                    {
      foreignKeyName: "runbook_steps_run_id_fkey"
      columns: ["run_id"]
isOneToOne: false
      referencedRelation: "runbook_runs"
      referencedColumns: ["run_id"]
    }
                  ]
                },"second_factors": {
                  Row: {
                    "confirmed_at": string | null,"created_at": string,"failed_count": number,"key_message_id": number | null,"last_counter": number,"locked_until": string | null,"person_id": string,"secret": string
                  }
                  ComputedFields: never
                  Insert: {
                    "confirmed_at"?: string | null,"created_at"?: string,"failed_count"?: number,"key_message_id"?: number | null,"last_counter"?: number,"locked_until"?: string | null,"person_id": string,"secret": string
                  }
                  Update: {
                    "confirmed_at"?: string | null,"created_at"?: string,"failed_count"?: number,"key_message_id"?: number | null,"last_counter"?: number,"locked_until"?: string | null,"person_id"?: string,"secret"?: string
                  }
                  Relationships: [
                    {
      foreignKeyName: "second_factors_person_id_fkey"
      columns: ["person_id"]
isOneToOne: true
      referencedRelation: "people"
      referencedColumns: ["person_id"]
    }
                  ]
                },"short_term": {
                  Row: {
                    "expires_at": string,"key": string,"value": NonNullable<Json>
                  }
                  ComputedFields: never
                  Insert: {
                    "expires_at": string,"key": string,"value": NonNullable<Json>
                  }
                  Update: {
                    "expires_at"?: string,"key"?: string,"value"?: NonNullable<Json>
                  }
                  Relationships: [
                    
                  ]
                },"staged_parts": {
                  Row: {
                    "chat_id": number,"message_id": number,"part": number,"request_id": string,"staged_at": string,"topic_id": number | null
                  }
                  ComputedFields: never
                  Insert: {
                    "chat_id": number,"message_id": number,"part": number,"request_id": string,"staged_at"?: string,"topic_id"?: number | null
                  }
                  Update: {
                    "chat_id"?: number,"message_id"?: number,"part"?: number,"request_id"?: string,"staged_at"?: string,"topic_id"?: number | null
                  }
                  Relationships: [
                    {
      foreignKeyName: "staged_parts_request_id_fkey"
      columns: ["request_id"]
isOneToOne: false
      referencedRelation: "approval_requests"
      referencedColumns: ["request_id"]
    }
                  ]
                },"stale_retrievals": {
                  Row: {
                    "fence": number,"found_at": string | null,"marked_at": string,"reason": string,"redone_at": string | null,"source_count": number,"step_id": string,"task_id": string
                  }
                  ComputedFields: never
                  Insert: {
                    "fence": number,"found_at"?: string | null,"marked_at"?: string,"reason": string,"redone_at"?: string | null,"source_count": number,"step_id": string,"task_id": string
                  }
                  Update: {
                    "fence"?: number,"found_at"?: string | null,"marked_at"?: string,"reason"?: string,"redone_at"?: string | null,"source_count"?: number,"step_id"?: string,"task_id"?: string
                  }
                  Relationships: [
                    {
      foreignKeyName: "stale_retrievals_step_id_fkey"
      columns: ["step_id"]
isOneToOne: true
      referencedRelation: "task_steps"
      referencedColumns: ["step_id"]
    },{
      foreignKeyName: "stale_retrievals_task_id_fkey"
      columns: ["task_id"]
isOneToOne: false
      referencedRelation: "tasks"
      referencedColumns: ["task_id"]
    }
                  ]
                },"stop_drills": {
                  Row: {
                    "asked_at": string,"asked_by": string,"chat_id": number | null,"drill_id": string,"ended_at": string | null,"evidence": NonNullable<Json>,"generation": number | null,"message_id": number | null,"outcome": string,"raised_at": string | null,"refused_at": string | null,"seconds_to_halt": number | null,"started_at": string | null,"task_id": string | null,"topic_id": number | null,"worker": string | null,"workers": NonNullable<Json>,"_drill_view": Json | null
                  }
                  ComputedFields: "_drill_view"
                  Insert: {
                    "asked_at"?: string,"asked_by": string,"chat_id"?: number | null,"drill_id"?: string,"ended_at"?: string | null,"evidence"?: NonNullable<Json>,"generation"?: number | null,"message_id"?: number | null,"outcome"?: string,"raised_at"?: string | null,"refused_at"?: string | null,"seconds_to_halt"?: number | null,"started_at"?: string | null,"task_id"?: string | null,"topic_id"?: number | null,"worker"?: string | null,"workers"?: NonNullable<Json>
                  }
                  Update: {
                    "asked_at"?: string,"asked_by"?: string,"chat_id"?: number | null,"drill_id"?: string,"ended_at"?: string | null,"evidence"?: NonNullable<Json>,"generation"?: number | null,"message_id"?: number | null,"outcome"?: string,"raised_at"?: string | null,"refused_at"?: string | null,"seconds_to_halt"?: number | null,"started_at"?: string | null,"task_id"?: string | null,"topic_id"?: number | null,"worker"?: string | null,"workers"?: NonNullable<Json>
                  }
                  Relationships: [
                    {
      foreignKeyName: "stop_drills_task_id_fkey"
      columns: ["task_id"]
isOneToOne: false
      referencedRelation: "tasks"
      referencedColumns: ["task_id"]
    }
                  ]
                },"stop_switch": {
                  Row: {
                    "drill_task_id": string | null,"generation": number,"halted_generation": number,"is_only": boolean,"reason": string | null,"resume_asked_at": string | null,"resume_asked_by": string | null,"resume_choice": string | null,"resume_reason": string | null,"scope": string | null,"stopped_at": string | null,"stopped_by": string | null,"_held_by_stop": Json | null
                  }
                  ComputedFields: "_held_by_stop"
                  Insert: {
                    "drill_task_id"?: string | null,"generation"?: number,"halted_generation"?: number,"is_only"?: boolean,"reason"?: string | null,"resume_asked_at"?: string | null,"resume_asked_by"?: string | null,"resume_choice"?: string | null,"resume_reason"?: string | null,"scope"?: string | null,"stopped_at"?: string | null,"stopped_by"?: string | null
                  }
                  Update: {
                    "drill_task_id"?: string | null,"generation"?: number,"halted_generation"?: number,"is_only"?: boolean,"reason"?: string | null,"resume_asked_at"?: string | null,"resume_asked_by"?: string | null,"resume_choice"?: string | null,"resume_reason"?: string | null,"scope"?: string | null,"stopped_at"?: string | null,"stopped_by"?: string | null
                  }
                  Relationships: [
                    {
      foreignKeyName: "stop_switch_drill_task_id_fkey"
      columns: ["drill_task_id"]
isOneToOne: false
      referencedRelation: "tasks"
      referencedColumns: ["task_id"]
    },{
      foreignKeyName: "stop_switch_resume_asked_by_fkey"
      columns: ["resume_asked_by"]
isOneToOne: false
      referencedRelation: "people"
      referencedColumns: ["person_id"]
    }
                  ]
                },"stops": {
                  Row: {
                    "cancelled": NonNullable<Json>,"generation": number,"reason": string | null,"resumed_at": string | null,"resumed_by_1": string | null,"resumed_by_2": string | null,"scope": string,"source_key": string | null,"stopped_at": string,"stopped_by": string,"was_scope": string | null,"_resume_end": string | null
                  }
                  ComputedFields: "_resume_end"
                  Insert: {
                    "cancelled"?: NonNullable<Json>,"generation": number,"reason"?: string | null,"resumed_at"?: string | null,"resumed_by_1"?: string | null,"resumed_by_2"?: string | null,"scope": string,"source_key"?: string | null,"stopped_at": string,"stopped_by": string,"was_scope"?: string | null
                  }
                  Update: {
                    "cancelled"?: NonNullable<Json>,"generation"?: number,"reason"?: string | null,"resumed_at"?: string | null,"resumed_by_1"?: string | null,"resumed_by_2"?: string | null,"scope"?: string,"source_key"?: string | null,"stopped_at"?: string,"stopped_by"?: string,"was_scope"?: string | null
                  }
                  Relationships: [
                    {
      foreignKeyName: "stops_resumed_by_1_fkey"
      columns: ["resumed_by_1"]
isOneToOne: false
      referencedRelation: "people"
      referencedColumns: ["person_id"]
    },{
      foreignKeyName: "stops_resumed_by_2_fkey"
      columns: ["resumed_by_2"]
isOneToOne: false
      referencedRelation: "people"
      referencedColumns: ["person_id"]
    }
                  ]
                },"task_days": {
                  Row: {
                    "day": string,"last_number": number
                  }
                  ComputedFields: never
                  Insert: {
                    "day": string,"last_number": number
                  }
                  Update: {
                    "day"?: string,"last_number"?: number
                  }
                  Relationships: [
                    
                  ]
                },"task_steps": {
                  Row: {
                    "action": string,"after": (string)[],"agent": string,"agent_name": string,"attempt_count": number,"comments": NonNullable<Json>,"created_at": string,"effect_kind": string | null,"ended_at": string | null,"error_code": string | null,"error_message": string | null,"fence": number,"idempotency_key": string | null,"input_ref": string | null,"instruction": string,"is_edited_by_person": boolean,"kind": string,"lease_expires_at": string | null,"node_id": string,"not_before": string | null,"output_ref": string | null,"position": number,"quality_score": number | null,"started_at": string | null,"status": string,"step_id": string,"subject_node": string | null,"target_chat_id": number | null,"target_topic_id": number | null,"task_id": string,"tier": string,"verdict": Json | null,"waits_for": string | null,"waits_since": string | null,"wake_seq": number,"woken_at": string | null,"worker": string | null,"_inputs": Json | null,"_insert_human_gate": undefined | null,"_open_request": Json | null
                  }
                  ComputedFields: "_inputs" | "_insert_human_gate" | "_open_request"
                  Insert: {
                    "action": string,"after"?: (string)[],"agent": string,"agent_name": string,"attempt_count"?: number,"comments"?: NonNullable<Json>,"created_at"?: string,"effect_kind"?: string | null,"ended_at"?: string | null,"error_code"?: string | null,"error_message"?: string | null,"fence"?: number,"idempotency_key"?: string | null,"input_ref"?: string | null,"instruction"?: string,"is_edited_by_person"?: boolean,"kind": string,"lease_expires_at"?: string | null,"node_id": string,"not_before"?: string | null,"output_ref"?: string | null,"position": number,"quality_score"?: number | null,"started_at"?: string | null,"status"?: string,"step_id": string,"subject_node"?: string | null,"target_chat_id"?: number | null,"target_topic_id"?: number | null,"task_id": string,"tier": string,"verdict"?: Json | null,"waits_for"?: string | null,"waits_since"?: string | null,"wake_seq"?: number,"woken_at"?: string | null,"worker"?: string | null
                  }
                  Update: {
                    "action"?: string,"after"?: (string)[],"agent"?: string,"agent_name"?: string,"attempt_count"?: number,"comments"?: NonNullable<Json>,"created_at"?: string,"effect_kind"?: string | null,"ended_at"?: string | null,"error_code"?: string | null,"error_message"?: string | null,"fence"?: number,"idempotency_key"?: string | null,"input_ref"?: string | null,"instruction"?: string,"is_edited_by_person"?: boolean,"kind"?: string,"lease_expires_at"?: string | null,"node_id"?: string,"not_before"?: string | null,"output_ref"?: string | null,"position"?: number,"quality_score"?: number | null,"started_at"?: string | null,"status"?: string,"step_id"?: string,"subject_node"?: string | null,"target_chat_id"?: number | null,"target_topic_id"?: number | null,"task_id"?: string,"tier"?: string,"verdict"?: Json | null,"waits_for"?: string | null,"waits_since"?: string | null,"wake_seq"?: number,"woken_at"?: string | null,"worker"?: string | null
                  }
                  Relationships: [
                    {
      foreignKeyName: "task_steps_task_id_fkey"
      columns: ["task_id"]
isOneToOne: false
      referencedRelation: "tasks"
      referencedColumns: ["task_id"]
    }
                  ]
                },"tasks": {
                  Row: {
                    "actor": string,"chat_id": number | null,"cost_usd": number,"created_at": string,"ended_at": string | null,"failure_code": string | null,"failure_message": string | null,"goal": string,"held_reason": string | null,"input_checksum": string,"is_rehearsal": boolean,"message_id": number | null,"policy_version": number,"request_message_id": number | null,"requester_person_id": string | null,"revision_count": number,"risk_tier": string | null,"show_requested_at": string | null,"shown_at": string | null,"source": string,"source_key": string,"status": string,"summary": string | null,"task_id": string,"tokens_used": number,"topic_id": number | null
                  }
                  ComputedFields: never
                  Insert: {
                    "actor": string,"chat_id"?: number | null,"cost_usd"?: number,"created_at"?: string,"ended_at"?: string | null,"failure_code"?: string | null,"failure_message"?: string | null,"goal": string,"held_reason"?: string | null,"input_checksum": string,"is_rehearsal"?: boolean,"message_id"?: number | null,"policy_version": number,"request_message_id"?: number | null,"requester_person_id"?: string | null,"revision_count"?: number,"risk_tier"?: string | null,"show_requested_at"?: string | null,"shown_at"?: string | null,"source": string,"source_key": string,"status"?: string,"summary"?: string | null,"task_id": string,"tokens_used"?: number,"topic_id"?: number | null
                  }
                  Update: {
                    "actor"?: string,"chat_id"?: number | null,"cost_usd"?: number,"created_at"?: string,"ended_at"?: string | null,"failure_code"?: string | null,"failure_message"?: string | null,"goal"?: string,"held_reason"?: string | null,"input_checksum"?: string,"is_rehearsal"?: boolean,"message_id"?: number | null,"policy_version"?: number,"request_message_id"?: number | null,"requester_person_id"?: string | null,"revision_count"?: number,"risk_tier"?: string | null,"show_requested_at"?: string | null,"shown_at"?: string | null,"source"?: string,"source_key"?: string,"status"?: string,"summary"?: string | null,"task_id"?: string,"tokens_used"?: number,"topic_id"?: number | null
                  }
                  Relationships: [
                    {
      foreignKeyName: "tasks_policy_version_fkey"
      columns: ["policy_version"]
isOneToOne: false
      referencedRelation: "policies"
      referencedColumns: ["policy_version"]
    },{
      foreignKeyName: "tasks_requester_person_id_fkey"
      columns: ["requester_person_id"]
isOneToOne: false
      referencedRelation: "people"
      referencedColumns: ["person_id"]
    }
                  ]
                },"trading_accounts": {
                  Row: {
                    "account_id": string,"asked_at": string | null,"asked_seq": number,"currency": string | null,"day_start_equity": number | null,"equity": number | null,"high_water_mark": number | null,"realised_loss": number | null,"taken_at": string | null
                  }
                  ComputedFields: never
                  Insert: {
                    "account_id": string,"asked_at"?: string | null,"asked_seq"?: number,"currency"?: string | null,"day_start_equity"?: number | null,"equity"?: number | null,"high_water_mark"?: number | null,"realised_loss"?: number | null,"taken_at"?: string | null
                  }
                  Update: {
                    "account_id"?: string,"asked_at"?: string | null,"asked_seq"?: number,"currency"?: string | null,"day_start_equity"?: number | null,"equity"?: number | null,"high_water_mark"?: number | null,"realised_loss"?: number | null,"taken_at"?: string | null
                  }
                  Relationships: [
                    
                  ]
                },"trading_positions": {
                  Row: {
                    "account_id": string,"position_id": string,"risk": number,"side": string,"size": number,"symbol": string
                  }
                  ComputedFields: never
                  Insert: {
                    "account_id": string,"position_id": string,"risk": number,"side": string,"size": number,"symbol": string
                  }
                  Update: {
                    "account_id"?: string,"position_id"?: string,"risk"?: number,"side"?: string,"size"?: number,"symbol"?: string
                  }
                  Relationships: [
                    {
      foreignKeyName: "trading_positions_account_id_fkey"
      columns: ["account_id"]
isOneToOne: false
      referencedRelation: "trading_accounts"
      referencedColumns: ["account_id"]
    }
                  ]
                },"workers": {
                  Row: {
                    "acknowledged_at": string,"generation_seen": number,"roles": string,"seen_at": string,"started_at": string,"worker": string
                  }
                  ComputedFields: never
                  Insert: {
                    "acknowledged_at"?: string,"generation_seen": number,"roles": string,"seen_at"?: string,"started_at"?: string,"worker": string
                  }
                  Update: {
                    "acknowledged_at"?: string,"generation_seen"?: number,"roles"?: string,"seen_at"?: string,"started_at"?: string,"worker"?: string
                  }
                  Relationships: [
                    
                  ]
                }
          }
          Views: {
            [_ in never]: never
          }
          Functions: {
            "_about_factor":
{ Args: { "p_prompt": Omit<Database["public"]['Tables']["prompts"]['Row'], Database["public"]['Tables']["prompts"]['ComputedFields']> }; Returns: Json
                           },
"_account_use":
{ Args: { "p_account_id": string,"p_except": string }; Returns: Json
                           },
"_add_delivery":
{ Args: { "p_node": Json,"p_policy": Json,"p_taken": (string)[],"p_target": Json,"p_task": Omit<Database["public"]['Tables']["tasks"]['Row'], Database["public"]['Tables']["tasks"]['ComputedFields']> }; Returns: undefined
                           },
"_add_dummy":
{ Args: { "p_chat_id": number,"p_goal": string,"p_id": string,"p_worker": string }; Returns: Json
                           },
"_add_step":
{ Args: { "p_action": string,"p_after": (string)[],"p_agent": string,"p_effect_kind"?: string,"p_instruction": string,"p_kind": string,"p_node_id": string,"p_policy": Json,"p_subject"?: string,"p_target"?: Json,"p_task": Omit<Database["public"]['Tables']["tasks"]['Row'], Database["public"]['Tables']["tasks"]['ComputedFields']> }; Returns: undefined
                           },
"_advance":
{ Args: { "p_lease_seconds": number,"p_task_id": string,"p_worker": string }; Returns: Json
                           },
"_anchor_hash":
{ Args: { "p_chain_count": number,"p_made_at": string,"p_merkle_root": string,"p_number": number,"p_prev_hash": string,"p_record_count": number }; Returns: string
                           },
"_anchor_leaves":
{ Args: { "p_number": number }; Returns: (string)[]
                           },
"_anchor_level":
{ Args: { "p_hashes": (string)[] }; Returns: (string)[]
                           },
"_anchor_proof":
{ Args: { "p_chain": string,"p_number": number }; Returns: Json
                           },
"_anchor_root":
{ Args: { "p_number": number }; Returns: string
                           },
"_anchor_view":
{ Args: { "p_anchor": Omit<Database["public"]['Tables']["anchors"]['Row'], Database["public"]['Tables']["anchors"]['ComputedFields']> }; Returns: Json
                           },
"_answer_limit":
{ Args: { "p_effect": Omit<Database["public"]['Tables']["effects"]['Row'], Database["public"]['Tables']["effects"]['ComputedFields']>,"p_limit": Json,"p_step": Omit<Database["public"]['Tables']["task_steps"]['Row'], Database["public"]['Tables']["task_steps"]['ComputedFields']> }; Returns: Json
                           },
"_any_of":
{ Args: { "p_words": (unknown)[] }; Returns: unknown
                           },
"_apply_change":
{ Args: { "p_actor": string,"p_change": Omit<Database["public"]['Tables']["changes"]['Row'], Database["public"]['Tables']["changes"]['ComputedFields']> }; Returns: Json
                           },
"_apply_delegation":
{ Args: { "p_change": Omit<Database["public"]['Tables']["changes"]['Row'], Database["public"]['Tables']["changes"]['ComputedFields']> }; Returns: Json
                           },
"_apply_factor_reset":
{ Args: { "p_change": Omit<Database["public"]['Tables']["changes"]['Row'], Database["public"]['Tables']["changes"]['ComputedFields']> }; Returns: Json
                           },
"_apply_link_accounts":
{ Args: { "p_change": Omit<Database["public"]['Tables']["changes"]['Row'], Database["public"]['Tables']["changes"]['ComputedFields']> }; Returns: Json
                           },
"_apply_policy":
{ Args: { "p_change": Omit<Database["public"]['Tables']["changes"]['Row'], Database["public"]['Tables']["changes"]['ComputedFields']> }; Returns: Json
                           },
"_apply_role_grant":
{ Args: { "p_change": Omit<Database["public"]['Tables']["changes"]['Row'], Database["public"]['Tables']["changes"]['ComputedFields']> }; Returns: Json
                           },
"_apply_role_revoke":
{ Args: { "p_change": Omit<Database["public"]['Tables']["changes"]['Row'], Database["public"]['Tables']["changes"]['ComputedFields']> }; Returns: Json
                           },
"_artifact_json":
{ Args: { "p_row": Omit<Database["public"]['Tables']["artifacts"]['Row'], Database["public"]['Tables']["artifacts"]['ComputedFields']> }; Returns: Json
                           },
"_ask_again":
{ Args: { "p_actor": string,"p_reason": string,"p_request": Omit<Database["public"]['Tables']["approval_requests"]['Row'], Database["public"]['Tables']["approval_requests"]['ComputedFields']> }; Returns: Json
                           },
"_ask_comparison":
{ Args: { "p_run": Omit<Database["public"]['Tables']["runbook_runs"]['Row'], Database["public"]['Tables']["runbook_runs"]['ComputedFields']>,"p_step": Omit<Database["public"]['Tables']["runbook_steps"]['Row'], Database["public"]['Tables']["runbook_steps"]['ComputedFields']> }; Returns: Json
                           },
"_ask_factor":
{ Args: { "p_external_id": number,"p_subject": string,"p_wish": Json }; Returns: string
                           },
"_ask_parked":
{ Args: Record<PropertyKey, never>; Returns: Json
                           },
"_ask_task_under":
{ Args: { "p_actor": string,"p_policy": Omit<Database["public"]['Tables']["policies"]['Row'], Database["public"]['Tables']["policies"]['ComputedFields']>,"p_task_id": string }; Returns: Json
                           },
"_asked_for":
{ Args: { "p_nodes": Json }; Returns: Json
                           },
"_audit":
{ Args: { "p_action": string,"p_actor": string,"p_after"?: Json,"p_before"?: Json,"p_chain": string,"p_object": string }; Returns: undefined
                           },
"_audit_break_glass":
{ Args: { "p_actor": string,"p_change": Omit<Database["public"]['Tables']["changes"]['Row'], Database["public"]['Tables']["changes"]['ComputedFields']>,"p_more": Json,"p_what": string }; Returns: undefined
                           },
"_audit_hash":
{ Args: { "p_action": string,"p_actor": string,"p_after": Json,"p_before": Json,"p_chain": string,"p_object": string,"p_prev": string,"p_seq": number,"p_ts": string }; Returns: string
                           },
"_audit_time":
{ Args: { "p_ts": string }; Returns: string
                           },
"_behind":
{ Args: { "p_at": string,"p_kind": string,"p_person_id": string,"p_slot": string }; Returns: (string)[]
                           },
"_behind_approval":
{ Args: { "p_approval": Omit<Database["public"]['Tables']["approvals"]['Row'], Database["public"]['Tables']["approvals"]['ComputedFields']> }; Returns: (string)[]
                           },
"_behind_others":
{ Args: { "p_change": Omit<Database["public"]['Tables']["changes"]['Row'], Database["public"]['Tables']["changes"]['ComputedFields']>,"p_person_id": string }; Returns: (string)[]
                           },
"_break_glass_form_problem":
{ Args: { "p_payload": Json }; Returns: string
                           },
"_break_glass_in_force":
{ Args: { "p_request_id": string }; Returns: string
                           },
"_break_glass_patience":
{ Args: { "p_policy": Json }; Returns: string
                           },
"_break_glass_problem":
{ Args: { "p_payload": Json,"p_proposer": string }; Returns: string
                           },
"_break_glass_request":
{ Args: { "p_task_id": string }; Returns: {
              "action": string,
"artifact_checksum": string,
"artifact_id": string,
"called_at": string | null,
"called_level": number | null,
"created_at": string,
"decided_at": string | null,
"dry_run_artifact_id": string | null,
"escalate_at": string | null,
"expires_at": string | null,
"lease_expires_at": string | null,
"policy_version": number,
"reference": string,
"remind_at": string | null,
"request_id": string,
"requester_person_id": string | null,
"requirements": NonNullable<Json>,
"shown_at": string | null,
"slots": (string)[],
"staging_problem": string | null,
"status": string,
"step_id": string,
"target_chat_id": number,
"target_topic_id": number | null,
"task_id": string,
"tier": string,
"version": number,
"void_reason": string | null,
"wake_seq": number,
"warn_at": string | null,
"woken_at": string,
"worker": string | null
            }
                          SetofOptions: {
        from: "*"
        to: "approval_requests"
        isOneToOne: true
        isSetofReturn: false
      } },
"_break_glass_state":
{ Args: Record<PropertyKey, never>; Returns: Json
                           },
"_break_glass_view":
{ Args: { "p_change": Omit<Database["public"]['Tables']["changes"]['Row'], Database["public"]['Tables']["changes"]['ComputedFields']> }; Returns: Json
                           },
"_breaker_view":
{ Args: { "p_breaker": Omit<Database["public"]['Tables']["breakers"]['Row'], Database["public"]['Tables']["breakers"]['ComputedFields']> }; Returns: Json
                           },
"_call_level":
{ Args: { "p_escalate_at": string,"p_remind_at": string,"p_warn_at": string }; Returns: number
                           },
"_call_people":
{ Args: Record<PropertyKey, never>; Returns: Json
                           },
"_call_times":
{ Args: { "p_expires_at": string,"p_from": string,"p_policy": Json }; Returns: Json
                           },
"_cancel_held":
{ Args: { "p_actor": string,"p_reason": string,"p_switch": Omit<Database["public"]['Tables']["stop_switch"]['Row'], Database["public"]['Tables']["stop_switch"]['ComputedFields']> }; Returns: Json
                           },
"_card_face":
{ Args: { "p_card": Omit<Database["public"]['Tables']["cards"]['Row'], Database["public"]['Tables']["cards"]['ComputedFields']> }; Returns: {
              "id": string,"is_over": boolean,"job": string,"mark": string
            }[]
                           },
"_card_view":
{ Args: { "p_card": Omit<Database["public"]['Tables']["cards"]['Row'], Database["public"]['Tables']["cards"]['ComputedFields']>,"p_token": string }; Returns: Json
                           },
"_change_form_problem":
{ Args: { "p_kind": string,"p_payload": Json }; Returns: string
                           },
"_change_kind":
{ Args: { "p_kind": string }; Returns: Json
                           },
"_change_people_problem":
{ Args: { "p_change": Omit<Database["public"]['Tables']["changes"]['Row'], Database["public"]['Tables']["changes"]['ComputedFields']> }; Returns: string
                           },
"_change_preview":
{ Args: { "p_kind": string,"p_payload": Json }; Returns: Json
                           },
"_change_problem":
{ Args: { "p_kind": string,"p_payload": Json,"p_proposer": string }; Returns: string
                           },
"_change_refusal":
{ Args: { "p_change": Omit<Database["public"]['Tables']["changes"]['Row'], Database["public"]['Tables']["changes"]['ComputedFields']>,"p_decision": string,"p_person_id": string }; Returns: string
                           },
"_change_slot":
{ Args: { "p_as_role": string,"p_change": Omit<Database["public"]['Tables']["changes"]['Row'], Database["public"]['Tables']["changes"]['ComputedFields']>,"p_person_id": string }; Returns: Json
                           },
"_change_view":
{ Args: { "p_change_id": string }; Returns: Json
                           },
"_changed":
{ Args: { "p_task_id": string }; Returns: Json
                           },
"_check_code":
{ Args: { "p_actor": string,"p_code": string,"p_person_id": string }; Returns: string
                           },
"_claimable_updates":
{ Args: { "p_limit": number,"p_urgent_only": boolean }; Returns: (number)[]
                           },
"_close_gate":
{ Args: { "p_request": Omit<Database["public"]['Tables']["approval_requests"]['Row'], Database["public"]['Tables']["approval_requests"]['ComputedFields']> }; Returns: Json
                           },
"_close_incident":
{ Args: { "p_actor": string,"p_incident_id": string,"p_resolution": string }; Returns: undefined
                           },
"_concerned":
{ Args: { "p_payload": Json }; Returns: (string)[]
                           },
"_delegated_by":
{ Args: { "p_at": string,"p_person_id": string,"p_role": string }; Returns: string
                           },
"_delegation_problem":
{ Args: { "p_payload": Json,"p_proposer": string }; Returns: string
                           },
"_demanded_slots":
{ Args: { "p_policy": Json,"p_tier": string,"p_verdict": Json }; Returns: (string)[]
                           },
"_demands":
{ Args: { "p_policy": Json,"p_tier": string,"p_verdict": Json }; Returns: Json
                           },
"_denial_problem":
{ Args: { "p_artifact_id": string,"p_chat_id": number,"p_effect_kind": string,"p_task_id": string,"p_topic_id": number }; Returns: string
                           },
"_describe_desync":
{ Args: Record<PropertyKey, never>; Returns: string
                           },
"_describe_failed_calls":
{ Args: { "p_name": string }; Returns: string
                           },
"_describe_out":
{ Args: Record<PropertyKey, never>; Returns: string
                           },
"_describe_routes":
{ Args: { "p_engine": string }; Returns: string
                           },
"_done":
{ Args: { "p_input_hash": string,"p_output_ref": string,"p_payload": Json,"p_score": number,"p_step": Omit<Database["public"]['Tables']["task_steps"]['Row'], Database["public"]['Tables']["task_steps"]['ComputedFields']> }; Returns: undefined
                           },
"_doubt":
{ Args: { "p_effect": Omit<Database["public"]['Tables']["effects"]['Row'], Database["public"]['Tables']["effects"]['ComputedFields']>,"p_note": string }; Returns: Json
                           },
"_draft_of":
{ Args: { "p_payload": Json }; Returns: {
              "backtest": Json | null,
"checksum": string,
"created_at": string,
"created_by": string,
"document": NonNullable<Json>,
"document_checksum": string,
"is_offered": boolean,
"source": string
            }
                          SetofOptions: {
        from: "*"
        to: "policy_drafts"
        isOneToOne: true
        isSetofReturn: false
      } },
"_draft_view":
{ Args: { "p_draft": Omit<Database["public"]['Tables']["policy_drafts"]['Row'], Database["public"]['Tables']["policy_drafts"]['ComputedFields']> }; Returns: Json
                           },
"_drill_due_at":
{ Args: Record<PropertyKey, never>; Returns: string
                           },
"_drill_problem":
{ Args: Record<PropertyKey, never>; Returns: string
                           },
"_drill_rules":
{ Args: Record<PropertyKey, never>; Returns: Json
                           },
"_drill_view":
{ Args: { "p_drill": Omit<Database["public"]['Tables']["stop_drills"]['Row'], Database["public"]['Tables']["stop_drills"]['ComputedFields']> }; Returns: Json
                           },
"_drop_all_lost_decisions":
{ Args: Record<PropertyKey, never>; Returns: Json
                           },
"_drop_lost_decisions":
{ Args: { "p_change": Omit<Database["public"]['Tables']["changes"]['Row'], Database["public"]['Tables']["changes"]['ComputedFields']> }; Returns: boolean
                           },
"_effect_kind":
{ Args: { "p_action": string }; Returns: string
                           },
"_effect_view":
{ Args: { "p_effect": Omit<Database["public"]['Tables']["effects"]['Row'], Database["public"]['Tables']["effects"]['ComputedFields']> }; Returns: Json
                           },
"_end_break_glass":
{ Args: { "p_glass": Omit<Database["public"]['Tables']["break_glasses"]['Row'], Database["public"]['Tables']["break_glasses"]['ComputedFields']>,"p_reason": string,"p_status": string }; Returns: Json
                           },
"_end_change":
{ Args: { "p_actor": string,"p_change": Omit<Database["public"]['Tables']["changes"]['Row'], Database["public"]['Tables']["changes"]['ComputedFields']>,"p_reason": string,"p_status": string }; Returns: Json
                           },
"_end_comparison":
{ Args: { "p_run": Omit<Database["public"]['Tables']["runbook_runs"]['Row'], Database["public"]['Tables']["runbook_runs"]['ComputedFields']>,"p_step": Omit<Database["public"]['Tables']["runbook_steps"]['Row'], Database["public"]['Tables']["runbook_steps"]['ComputedFields']> }; Returns: Json
                           },
"_end_drill":
{ Args: { "p_drill": Omit<Database["public"]['Tables']["stop_drills"]['Row'], Database["public"]['Tables']["stop_drills"]['ComputedFields']>,"p_evidence": Json,"p_outcome": string }; Returns: {
              "asked_at": string,
"asked_by": string,
"chat_id": number | null,
"drill_id": string,
"ended_at": string | null,
"evidence": NonNullable<Json>,
"generation": number | null,
"message_id": number | null,
"outcome": string,
"raised_at": string | null,
"refused_at": string | null,
"seconds_to_halt": number | null,
"started_at": string | null,
"task_id": string | null,
"topic_id": number | null,
"worker": string | null,
"workers": NonNullable<Json>
            }
                          SetofOptions: {
        from: "*"
        to: "stop_drills"
        isOneToOne: true
        isSetofReturn: false
      } },
"_end_due_delegations":
{ Args: Record<PropertyKey, never>; Returns: Json
                           },
"_end_dummy":
{ Args: { "p_task_id": string,"p_what": string }; Returns: undefined
                           },
"_end_fallback_check":
{ Args: { "p_check": Omit<Database["public"]['Tables']["fallback_checks"]['Row'], Database["public"]['Tables']["fallback_checks"]['ComputedFields']>,"p_results": Json }; Returns: {
              "asked_at": string,
"asked_by": string,
"chat_id": number | null,
"check_id": string,
"ended_at": string | null,
"message_id": number | null,
"outcome": string,
"results": NonNullable<Json>,
"started_at": string | null,
"task_id": string | null,
"topic_id": number | null,
"worker": string | null
            }
                          SetofOptions: {
        from: "*"
        to: "fallback_checks"
        isOneToOne: true
        isSetofReturn: false
      } },
"_end_orphaned_delegations":
{ Args: { "p_actor": string,"p_change_id": string }; Returns: (string)[]
                           },
"_end_task":
{ Args: { "p_actor": string,"p_code": string,"p_message": string,"p_status": string,"p_task_id": string }; Returns: Json
                           },
"_engine_of":
{ Args: { "p_breaker": string }; Returns: string
                           },
"_ensure_person":
{ Args: { "p_display_name": string,"p_external_id": number }; Returns: string
                           },
"_envelope":
{ Args: { "p_event": Omit<Database["public"]['Tables']["events"]['Row'], Database["public"]['Tables']["events"]['ComputedFields']> }; Returns: Json
                           },
"_event":
{ Args: { "p_agent": string,"p_key": string,"p_payload": Json,"p_step_id": string,"p_task_id": string,"p_type": string }; Returns: undefined
                           },
"_event_update_dead":
{ Args: { "p_inbox_id": number }; Returns: undefined
                           },
"_evidence":
{ Args: { "p_kind": string,"p_row": Json }; Returns: Json
                           },
"_expose":
{ Args: { "p_function": string,"p_roles"?: (string)[] }; Returns: undefined
                           },
"_factor_refusal":
{ Args: { "p_person_id": string,"p_policy_version": number,"p_subject": string,"p_tier": string }; Returns: string
                           },
"_factor_reset_problem":
{ Args: { "p_payload": Json,"p_proposer": string }; Returns: string
                           },
"_facts":
{ Args: { "p_request": Omit<Database["public"]['Tables']["approval_requests"]['Row'], Database["public"]['Tables']["approval_requests"]['ComputedFields']> }; Returns: Json
                           },
"_fallback_check_due_at":
{ Args: Record<PropertyKey, never>; Returns: string
                           },
"_fallback_check_view":
{ Args: { "p_check": Omit<Database["public"]['Tables']["fallback_checks"]['Row'], Database["public"]['Tables']["fallback_checks"]['ComputedFields']> }; Returns: Json
                           },
"_fallback_problem":
{ Args: Record<PropertyKey, never>; Returns: string
                           },
"_find_change":
{ Args: { "p_chat_id": number,"p_message_id": number,"p_reference": string,"p_token": string }; Returns: Json
                           },
"_find_desync":
{ Args: Record<PropertyKey, never>; Returns: {
              "is_for_people": boolean,"problem": string,"step_id": string,"task_id": string
            }[]
                           },
"_find_request":
{ Args: { "p_chat_id": number,"p_message_id": number,"p_reference": string,"p_token": string }; Returns: Json
                           },
"_find_stale":
{ Args: Record<PropertyKey, never>; Returns: {
              "is_asked": boolean,"is_open": boolean,"is_out": boolean,"task_id": string
            }[]
                           },
"_find_standing_troubles":
{ Args: Record<PropertyKey, never>; Returns: undefined
                           },
"_fits_change_slot":
{ Args: { "p_kind": string,"p_roles": (string)[],"p_slot": string }; Returns: boolean
                           },
"_fitting_slots":
{ Args: { "p_as_role": string,"p_person_id": string,"p_request": Omit<Database["public"]['Tables']["approval_requests"]['Row'], Database["public"]['Tables']["approval_requests"]['ComputedFields']> }; Returns: Json
                           },
"_forget_failed_calls":
{ Args: Record<PropertyKey, never>; Returns: undefined
                           },
"_freeze_problem":
{ Args: { "p_tier": string }; Returns: string
                           },
"_gate_refusal":
{ Args: { "p_person_id": string,"p_request": Omit<Database["public"]['Tables']["approval_requests"]['Row'], Database["public"]['Tables']["approval_requests"]['ComputedFields']> }; Returns: string
                           },
"_give_canary":
{ Args: { "p_run": Omit<Database["public"]['Tables']["runbook_runs"]['Row'], Database["public"]['Tables']["runbook_runs"]['ComputedFields']> }; Returns: Json
                           },
"_glass_lacks":
{ Args: { "p_change": Omit<Database["public"]['Tables']["changes"]['Row'], Database["public"]['Tables']["changes"]['ComputedFields']>,"p_second": string }; Returns: boolean
                           },
"_glass_people":
{ Args: { "p_first": string,"p_request": Omit<Database["public"]['Tables']["approval_requests"]['Row'], Database["public"]['Tables']["approval_requests"]['ComputedFields']>,"p_second": string }; Returns: Json
                           },
"_go_on":
{ Args: { "p_lease_seconds": number,"p_step_ids": (string)[],"p_task_id": string,"p_worker": string }; Returns: Json
                           },
"_grant_refusals":
{ Args: { "p_chat_id": number,"p_checksum": string,"p_part_count": number,"p_request": Omit<Database["public"]['Tables']["approval_requests"]['Row'], Database["public"]['Tables']["approval_requests"]['ComputedFields']>,"p_step": Omit<Database["public"]['Tables']["task_steps"]['Row'], Database["public"]['Tables']["task_steps"]['ComputedFields']>,"p_task": Omit<Database["public"]['Tables']["tasks"]['Row'], Database["public"]['Tables']["tasks"]['ComputedFields']>,"p_topic_id": number }; Returns: (string)[]
                           },
"_hand_over":
{ Args: { "p_lease_seconds": number,"p_step_id": string,"p_worker": string }; Returns: Json
                           },
"_has_break_glass":
{ Args: { "p_request_id": string }; Returns: boolean
                           },
"_hash_words":
{ Args: { "p_text": string }; Returns: string
                           },
"_held_by_stop":
{ Args: { "p_switch": Omit<Database["public"]['Tables']["stop_switch"]['Row'], Database["public"]['Tables']["stop_switch"]['ComputedFields']> }; Returns: Json
                           },
"_hmac_sha1":
{ Args: { "p_key": string,"p_message": string }; Returns: string
                           },
"_hold_payer":
{ Args: { "p_payer": string }; Returns: undefined
                           },
"_hold_person":
{ Args: { "p_external_id": number }; Returns: string
                           },
"_incident_runbook":
{ Args: { "p_key": string,"p_kind": string }; Returns: string
                           },
"_incident_view":
{ Args: { "p_incident": Omit<Database["public"]['Tables']["incidents"]['Row'], Database["public"]['Tables']["incidents"]['ComputedFields']> }; Returns: Json
                           },
"_inputs":
{ Args: { "p_step": Omit<Database["public"]['Tables']["task_steps"]['Row'], Database["public"]['Tables']["task_steps"]['ComputedFields']> }; Returns: Json
                           },
"_insert_human_gate":
{ Args: { "p_critic": Omit<Database["public"]['Tables']["task_steps"]['Row'], Database["public"]['Tables']["task_steps"]['ComputedFields']> }; Returns: undefined
                           },
"_is_alike":
{ Args: { "p_one": string,"p_other": string }; Returns: boolean
                           },
"_is_allowed":
{ Args: { "p_action": string,"p_agent": string,"p_policy": Json }; Returns: boolean
                           },
"_is_amount":
{ Args: { "p_value": Json }; Returns: boolean
                           },
"_is_break_glass_over":
{ Args: { "p_request_id": string }; Returns: boolean
                           },
"_is_call_lost":
{ Args: { "p_called_at": string,"p_called_level": number,"p_level": number }; Returns: boolean
                           },
"_is_chat_waited_for":
{ Args: { "p_chat_id": number }; Returns: boolean
                           },
"_is_frozen_chat":
{ Args: { "p_chat_id": number }; Returns: boolean
                           },
"_is_halted":
{ Args: { "p_task_id": string,"p_tier": string }; Returns: boolean
                           },
"_is_incident_over":
{ Args: { "p_incident": Omit<Database["public"]['Tables']["incidents"]['Row'], Database["public"]['Tables']["incidents"]['ComputedFields']> }; Returns: boolean
                           },
"_is_inside":
{ Args: { "p_action": string }; Returns: boolean
                           },
"_is_money":
{ Args: { "p_kind": string }; Returns: boolean
                           },
"_is_raised":
{ Args: { "p_verdict": Json }; Returns: boolean
                           },
"_is_stale":
{ Args: { "p_caps": Json,"p_use": Json }; Returns: boolean
                           },
"_is_stopped":
{ Args: { "p_tier": string }; Returns: boolean
                           },
"_job":
{ Args: { "p_delay_ms"?: number,"p_id": string,"p_job": string,"p_seq"?: number }; Returns: Json
                           },
"_join_approvals":
{ Args: { "p_actor": string,"p_other_id": string,"p_person_id": string }; Returns: Json
                           },
"_joining_action":
{ Args: { "p_policy": Json }; Returns: string
                           },
"_judge_again":
{ Args: { "p_critic": Omit<Database["public"]['Tables']["task_steps"]['Row'], Database["public"]['Tables']["task_steps"]['ComputedFields']>,"p_policy": Json,"p_tier": string }; Returns: undefined
                           },
"_keep_draft":
{ Args: { "p_actor": string,"p_checksum": string,"p_document": Json,"p_is_offered": boolean,"p_source": string }; Returns: {
              "backtest": Json | null,
"checksum": string,
"created_at": string,
"created_by": string,
"document": NonNullable<Json>,
"document_checksum": string,
"is_offered": boolean,
"source": string
            }
                          SetofOptions: {
        from: "*"
        to: "policy_drafts"
        isOneToOne: true
        isSetofReturn: false
      } },
"_keep_retrieval":
{ Args: { "p_artifact_ids": (string)[],"p_query": string,"p_task": Omit<Database["public"]['Tables']["tasks"]['Row'], Database["public"]['Tables']["tasks"]['ComputedFields']> }; Returns: undefined
                           },
"_known_as":
{ Args: { "p_external_id": string }; Returns: string
                           },
"_land":
{ Args: { "p_actor": string,"p_effect": Omit<Database["public"]['Tables']["effects"]['Row'], Database["public"]['Tables']["effects"]['ComputedFields']>,"p_lease_seconds": number,"p_note": string,"p_step": Omit<Database["public"]['Tables']["task_steps"]['Row'], Database["public"]['Tables']["task_steps"]['ComputedFields']>,"p_worker": string }; Returns: Json
                           },
"_lift_hold":
{ Args: { "p_settled_effect_id": string,"p_task_id": string }; Returns: Json
                           },
"_limit_refusal":
{ Args: { "p_except": string,"p_kind": string,"p_order": Json,"p_policy": Json }; Returns: Json
                           },
"_limits_under":
{ Args: { "p_break_glass_id": string,"p_policy": Json }; Returns: Json
                           },
"_link_accounts_problem":
{ Args: { "p_payload": Json }; Returns: string
                           },
"_list_break_glasses":
{ Args: { "p_task_id": string }; Returns: Json
                           },
"_list_delegations":
{ Args: Record<PropertyKey, never>; Returns: Json
                           },
"_list_failed_calls":
{ Args: { "p_name": string }; Returns: Json
                           },
"_list_lost_runs":
{ Args: Record<PropertyKey, never>; Returns: Json
                           },
"_list_open_incidents":
{ Args: Record<PropertyKey, never>; Returns: Json
                           },
"_list_parked":
{ Args: Record<PropertyKey, never>; Returns: Json
                           },
"_list_waiting":
{ Args: { "p_scope": string }; Returns: {
              "actor": string,
"chat_id": number | null,
"cost_usd": number,
"created_at": string,
"ended_at": string | null,
"failure_code": string | null,
"failure_message": string | null,
"goal": string,
"held_reason": string | null,
"input_checksum": string,
"is_rehearsal": boolean,
"message_id": number | null,
"policy_version": number,
"request_message_id": number | null,
"requester_person_id": string | null,
"revision_count": number,
"risk_tier": string | null,
"show_requested_at": string | null,
"shown_at": string | null,
"source": string,
"source_key": string,
"status": string,
"summary": string | null,
"task_id": string,
"tokens_used": number,
"topic_id": number | null
            }[]
                          SetofOptions: {
        from: "*"
        to: "tasks"
        isOneToOne: false
        isSetofReturn: true
      } },
"_lock_claimed":
{ Args: { "p_fence": number,"p_step_id": string }; Returns: {
              "action": string,
"after": (string)[],
"agent": string,
"agent_name": string,
"attempt_count": number,
"comments": NonNullable<Json>,
"created_at": string,
"effect_kind": string | null,
"ended_at": string | null,
"error_code": string | null,
"error_message": string | null,
"fence": number,
"idempotency_key": string | null,
"input_ref": string | null,
"instruction": string,
"is_edited_by_person": boolean,
"kind": string,
"lease_expires_at": string | null,
"node_id": string,
"not_before": string | null,
"output_ref": string | null,
"position": number,
"quality_score": number | null,
"started_at": string | null,
"status": string,
"step_id": string,
"subject_node": string | null,
"target_chat_id": number | null,
"target_topic_id": number | null,
"task_id": string,
"tier": string,
"verdict": Json | null,
"waits_for": string | null,
"waits_since": string | null,
"wake_seq": number,
"woken_at": string | null,
"worker": string | null
            }
                          SetofOptions: {
        from: "*"
        to: "task_steps"
        isOneToOne: true
        isSetofReturn: false
      } },
"_lock_doubt":
{ Args: { "p_attempt_id": string }; Returns: boolean
                           },
"_lock_people":
{ Args: { "p_people": (string)[] }; Returns: undefined
                           },
"_may_have_moved":
{ Args: { "p_effect": Omit<Database["public"]['Tables']["effects"]['Row'], Database["public"]['Tables']["effects"]['ComputedFields']> }; Returns: boolean
                           },
"_missing_checks":
{ Args: { "p_payer": string }; Returns: (string)[]
                           },
"_move_problem":
{ Args: { "p_policy": Omit<Database["public"]['Tables']["policies"]['Row'], Database["public"]['Tables']["policies"]['ComputedFields']>,"p_task": Omit<Database["public"]['Tables']["tasks"]['Row'], Database["public"]['Tables']["tasks"]['ComputedFields']>,"p_tier": string }; Returns: string
                           },
"_move_task":
{ Args: { "p_policy": Omit<Database["public"]['Tables']["policies"]['Row'], Database["public"]['Tables']["policies"]['ComputedFields']>,"p_task": Omit<Database["public"]['Tables']["tasks"]['Row'], Database["public"]['Tables']["tasks"]['ComputedFields']>,"p_tier": string }; Returns: undefined
                           },
"_name_of":
{ Args: { "p_person_id": string }; Returns: string
                           },
"_needs_factor":
{ Args: { "p_person_id": string,"p_policy_version": number,"p_tier": string }; Returns: boolean
                           },
"_new_reference":
{ Args: { "p_tier": string }; Returns: string
                           },
"_new_token":
{ Args: Record<PropertyKey, never>; Returns: string
                           },
"_note_landed":
{ Args: { "p_actor": string,"p_effect": Omit<Database["public"]['Tables']["effects"]['Row'], Database["public"]['Tables']["effects"]['ComputedFields']>,"p_note": string }; Returns: undefined
                           },
"_offered":
{ Args: Record<PropertyKey, never>; Returns: {
              "backtest": Json | null,
"checksum": string,
"created_at": string,
"created_by": string,
"document": NonNullable<Json>,
"document_checksum": string,
"is_offered": boolean,
"source": string
            }
                          SetofOptions: {
        from: "*"
        to: "policy_drafts"
        isOneToOne: true
        isSetofReturn: false
      } },
"_one_time_code":
{ Args: { "p_counter": number,"p_secret": string }; Returns: string
                           },
"_open_break_glass":
{ Args: { "p_actor": string,"p_change": Omit<Database["public"]['Tables']["changes"]['Row'], Database["public"]['Tables']["changes"]['ComputedFields']> }; Returns: Json
                           },
"_open_breaker":
{ Args: { "p_actor": string,"p_code": string,"p_name": string }; Returns: {
              "changed_at": string,
"failures": (string)[],
"last_code": string | null,
"name": string,
"opened_at": string | null,
"opened_by": string | null,
"probe_holder": string | null,
"probe_until": string | null,
"state": string
            }
                          SetofOptions: {
        from: "*"
        to: "breakers"
        isOneToOne: true
        isSetofReturn: false
      } },
"_open_request":
{ Args: { "p_step": Omit<Database["public"]['Tables']["task_steps"]['Row'], Database["public"]['Tables']["task_steps"]['ComputedFields']> }; Returns: Json
                           },
"_open_slot":
{ Args: { "p_as_role": string,"p_person_id": string,"p_request": Omit<Database["public"]['Tables']["approval_requests"]['Row'], Database["public"]['Tables']["approval_requests"]['ComputedFields']> }; Returns: Json
                           },
"_open_subjects":
{ Args: { "p_task_id": string }; Returns: (string)[]
                           },
"_open_unopposed":
{ Args: Record<PropertyKey, never>; Returns: Json
                           },
"_order_of":
{ Args: { "p_checksum": string,"p_kind": string,"p_task_id": string }; Returns: Json
                           },
"_order_party":
{ Args: { "p_order": Json }; Returns: string
                           },
"_order_problem":
{ Args: { "p_kind": string,"p_order": Json }; Returns: string
                           },
"_outlook":
{ Args: { "p_document": Json,"p_nodes": Json,"p_requester": string }; Returns: Json
                           },
"_over_limit":
{ Args: { "p_asked": number,"p_free_at": string,"p_is_final": boolean,"p_limit": string,"p_max": number,"p_sentence": string,"p_subject": string,"p_unit": string,"p_used": number }; Returns: Json
                           },
"_pace_since":
{ Args: { "p_since": string }; Returns: string
                           },
"_payer_problem":
{ Args: { "p_external_id": number,"p_payer": string }; Returns: string
                           },
"_payer_view":
{ Args: { "p_payer": string }; Returns: Json
                           },
"_payment_refusal":
{ Args: { "p_except": string,"p_limits": Json,"p_order": Json }; Returns: Json
                           },
"_payment_use":
{ Args: { "p_limits": Json }; Returns: Json
                           },
"_people_missing_for":
{ Args: { "p_policy": Json,"p_requester": string,"p_tier": string }; Returns: string
                           },
"_people_state":
{ Args: { "p_people": (string)[] }; Returns: Json
                           },
"_person_of":
{ Args: { "p_external_id": number }; Returns: string
                           },
"_plan_drift":
{ Args: Record<PropertyKey, never>; Returns: {
              "name": string,"plan": string
            }[]
                           },
"_plan_problems":
{ Args: { "p_nodes": Json,"p_policy": Json }; Returns: (string)[]
                           },
"_plan_runbook":
{ Args: { "p_name": string,"p_subject": string }; Returns: {
              "name": string,"plan": string
            }[]
                           },
"_points":
{ Args: { "p_critique": Json }; Returns: number
                           },
"_policy":
{ Args: { "p_version": number }; Returns: Json
                           },
"_policy_form_problem":
{ Args: { "p_payload": Json }; Returns: string
                           },
"_policy_in_force":
{ Args: Record<PropertyKey, never>; Returns: {
              "change_id": string | null,
"checksum": string,
"created_at": string,
"document": NonNullable<Json>,
"in_force_at": string | null,
"policy_version": number,
"proposed_by": string,
"retired_at": string | null,
"source": string
            }
                          SetofOptions: {
        from: "*"
        to: "policies"
        isOneToOne: true
        isSetofReturn: false
      } },
"_policy_problem":
{ Args: { "p_payload": Json }; Returns: string
                           },
"_policy_rule_problem":
{ Args: { "p_document": Json }; Returns: string
                           },
"_policy_state":
{ Args: { "p_policy": Omit<Database["public"]['Tables']["policies"]['Row'], Database["public"]['Tables']["policies"]['ComputedFields']> }; Returns: Json
                           },
"_post_text":
{ Args: { "p_artifact_id": string }; Returns: string
                           },
"_press":
{ Args: { "p_card_id": string,"p_chat_id": number,"p_message_id": number }; Returns: string
                           },
"_press_incident":
{ Args: { "p_asked": string,"p_chat_id": number,"p_external_id": number,"p_message_id": number,"p_token": string }; Returns: Json
                           },
"_pressed":
{ Args: { "p_press": Json }; Returns: Json
                           },
"_protect_table":
{ Args: { "p_table": string }; Returns: undefined
                           },
"_queue":
{ Args: { "p_before": string }; Returns: Json
                           },
"_raise_incident":
{ Args: { "p_agent"?: string,"p_evidence"?: Json,"p_key": string,"p_kind": string,"p_severity": string,"p_step_id"?: string,"p_task_id"?: string,"p_title": string }; Returns: undefined
                           },
"_raise_standing":
{ Args: { "p_evidence"?: Json,"p_key": string,"p_kind": string,"p_severity": string,"p_task_id"?: string,"p_title": string }; Returns: undefined
                           },
"_rebuild_steps":
{ Args: Record<PropertyKey, never>; Returns: Json
                           },
"_recheck_requests":
{ Args: { "p_actor": string,"p_people": (string)[] }; Returns: Json
                           },
"_record_change_decision":
{ Args: { "p_actor": string,"p_change": Omit<Database["public"]['Tables']["changes"]['Row'], Database["public"]['Tables']["changes"]['ComputedFields']>,"p_decision": string,"p_person_id": string,"p_reason": string,"p_slot": string,"p_via": string }; Returns: undefined
                           },
"_redo_retrieval":
{ Args: { "p_actor": string,"p_task_id": string }; Returns: Json
                           },
"_redraw_cards":
{ Args: { "p_task_id": string }; Returns: Json
                           },
"_refuse":
{ Args: { "p_detail"?: Json,"p_hint"?: string,"p_message": string,"p_state": string }; Returns: undefined
                           },
"_reopen_expired":
{ Args: { "p_request": Omit<Database["public"]['Tables']["approval_requests"]['Row'], Database["public"]['Tables']["approval_requests"]['ComputedFields']>,"p_rule": string,"p_task": Omit<Database["public"]['Tables']["tasks"]['Row'], Database["public"]['Tables']["tasks"]['ComputedFields']> }; Returns: undefined
                           },
"_request_limit":
{ Args: { "p_request": Omit<Database["public"]['Tables']["approval_requests"]['Row'], Database["public"]['Tables']["approval_requests"]['ComputedFields']> }; Returns: string
                           },
"_request_view":
{ Args: { "p_request_id": string }; Returns: Json
                           },
"_resume_end":
{ Args: { "p_stop": Omit<Database["public"]['Tables']["stops"]['Row'], Database["public"]['Tables']["stops"]['ComputedFields']> }; Returns: string
                           },
"_review_wait":
{ Args: { "p_break_glass_id": string,"p_tier": string }; Returns: Json
                           },
"_role_grant_problem":
{ Args: { "p_payload": Json }; Returns: string
                           },
"_role_revoke_problem":
{ Args: { "p_payload": Json }; Returns: string
                           },
"_roles_of":
{ Args: { "p_person_id": string }; Returns: (string)[]
                           },
"_rubric_hash":
{ Args: Record<PropertyKey, never>; Returns: string
                           },
"_rule_view":
{ Args: { "p_rule": Omit<Database["public"]['Tables']["denial_rules"]['Row'], Database["public"]['Tables']["denial_rules"]['ComputedFields']> }; Returns: Json
                           },
"_run_desync_step":
{ Args: { "p_step": Omit<Database["public"]['Tables']["runbook_steps"]['Row'], Database["public"]['Tables']["runbook_steps"]['ComputedFields']> }; Returns: Json
                           },
"_run_drift_step":
{ Args: { "p_run": Omit<Database["public"]['Tables']["runbook_runs"]['Row'], Database["public"]['Tables']["runbook_runs"]['ComputedFields']>,"p_step": Omit<Database["public"]['Tables']["runbook_steps"]['Row'], Database["public"]['Tables']["runbook_steps"]['ComputedFields']> }; Returns: Json
                           },
"_run_redo_step":
{ Args: { "p_run": Omit<Database["public"]['Tables']["runbook_runs"]['Row'], Database["public"]['Tables']["runbook_runs"]['ComputedFields']>,"p_step": Omit<Database["public"]['Tables']["runbook_steps"]['Row'], Database["public"]['Tables']["runbook_steps"]['ComputedFields']> }; Returns: Json
                           },
"_run_tool_step":
{ Args: { "p_run": Omit<Database["public"]['Tables']["runbook_runs"]['Row'], Database["public"]['Tables']["runbook_runs"]['ComputedFields']>,"p_step": Omit<Database["public"]['Tables']["runbook_steps"]['Row'], Database["public"]['Tables']["runbook_steps"]['ComputedFields']> }; Returns: Json
                           },
"_run_view":
{ Args: { "p_run": Omit<Database["public"]['Tables']["runbook_runs"]['Row'], Database["public"]['Tables']["runbook_runs"]['ComputedFields']> }; Returns: Json
                           },
"_separation":
{ Args: { "p_policy": Json,"p_tier": string }; Returns: string
                           },
"_settle_late":
{ Args: { "p_effect_id": string }; Returns: Json
                           },
"_settle_late_answers":
{ Args: Record<PropertyKey, never>; Returns: Json
                           },
"_settle_orphan":
{ Args: { "p_effect": Omit<Database["public"]['Tables']["effects"]['Row'], Database["public"]['Tables']["effects"]['ComputedFields']> }; Returns: Json
                           },
"_settled":
{ Args: { "p_answer": Json,"p_spent": Json }; Returns: Json
                           },
"_sha1":
{ Args: { "p_bytes": string }; Returns: string
                           },
"_show_change":
{ Args: { "p_change_id": string }; Returns: Json
                           },
"_slots":
{ Args: { "p_policy": Json,"p_tier": string }; Returns: (string)[]
                           },
"_spend_factor":
{ Args: { "p_person_id": string,"p_subject": string }; Returns: string
                           },
"_spend_rates":
{ Args: { "p_policy": Json,"p_uses": Json }; Returns: Json
                           },
"_stale_sources":
{ Args: { "p_task_id": string }; Returns: Json
                           },
"_store_artifact":
{ Args: { "p_artifact": Json,"p_made_by": string,"p_step_id": string,"p_task_id": string }; Returns: {
              "archived_at": string | null,
"artifact_id": string,
"checksum": string,
"content": string | null,
"content_type": string,
"created_at": string,
"made_by": string,
"prompt_checksum": string | null,
"search": unknown,
"size_bytes": number,
"step_id": string | null,
"storage_ref": string,
"task_id": string,
"type": string
            }
                          SetofOptions: {
        from: "*"
        to: "artifacts"
        isOneToOne: true
        isSetofReturn: false
      } },
"_sweep_break_glass":
{ Args: Record<PropertyKey, never>; Returns: Json
                           },
"_sweep_cards":
{ Args: { "p_patience": string }; Returns: Json
                           },
"_sweep_changes":
{ Args: { "p_patience": string }; Returns: Json
                           },
"_take_limits":
{ Args: { "p_except": string,"p_kind": string,"p_order": Json,"p_policy": Json }; Returns: Json
                           },
"_task_view":
{ Args: { "p_task_id": string }; Returns: Json
                           },
"_team_problem":
{ Args: { "p_into": string,"p_person_id": string,"p_role": string }; Returns: string
                           },
"_tier_lockout":
{ Args: { "p_document": Json,"p_tier": string }; Returns: string
                           },
"_tier_of":
{ Args: { "p_action": string,"p_policy": Json }; Returns: string
                           },
"_tier_problem":
{ Args: { "p_policy": Json,"p_tier": string }; Returns: string
                           },
"_trade_refusal":
{ Args: { "p_except": string,"p_limits": Json,"p_order": Json }; Returns: Json
                           },
"_trading_caps":
{ Args: { "p_account_id": string,"p_limits": Json,"p_use": Json }; Returns: Json
                           },
"_trading_use":
{ Args: { "p_limits": Json }; Returns: Json
                           },
"_trigrams":
{ Args: { "p_text": string }; Returns: (string)[]
                           },
"_try_search":
{ Args: { "p_step": Omit<Database["public"]['Tables']["runbook_steps"]['Row'], Database["public"]['Tables']["runbook_steps"]['ComputedFields']> }; Returns: Json
                           },
"_uncounted":
{ Args: { "p_request": Omit<Database["public"]['Tables']["approval_requests"]['Row'], Database["public"]['Tables']["approval_requests"]['ComputedFields']> }; Returns: string
                           },
"_use_break_glass":
{ Args: { "p_effect": Omit<Database["public"]['Tables']["effects"]['Row'], Database["public"]['Tables']["effects"]['ComputedFields']> }; Returns: Json
                           },
"_verdict":
{ Args: { "p_request": Omit<Database["public"]['Tables']["approval_requests"]['Row'], Database["public"]['Tables']["approval_requests"]['ComputedFields']> }; Returns: Json
                           },
"_veto_runs_from":
{ Args: { "p_change": Omit<Database["public"]['Tables']["changes"]['Row'], Database["public"]['Tables']["changes"]['ComputedFields']> }; Returns: string
                           },
"_veto_window":
{ Args: { "p_policy": Json }; Returns: string
                           },
"_void_break_glass":
{ Args: { "p_reason": string,"p_request_id": string }; Returns: undefined
                           },
"_void_request":
{ Args: { "p_actor": string,"p_reason": string,"p_request": Omit<Database["public"]['Tables']["approval_requests"]['Row'], Database["public"]['Tables']["approval_requests"]['ComputedFields']> }; Returns: undefined
                           },
"_wait_for_chat":
{ Args: { "p_delay_ms": number,"p_effect": Omit<Database["public"]['Tables']["effects"]['Row'], Database["public"]['Tables']["effects"]['ComputedFields']>,"p_fence": number }; Returns: Json
                           },
"_waived_slot":
{ Args: { "p_request_id": string }; Returns: string
                           },
"_wake":
{ Args: { "p_step_id": string }; Returns: Json
                           },
"_was_vetoed":
{ Args: { "p_change": Omit<Database["public"]['Tables']["changes"]['Row'], Database["public"]['Tables']["changes"]['ComputedFields']> }; Returns: boolean
                           },
"_watch_redone":
{ Args: { "p_run": Omit<Database["public"]['Tables']["runbook_runs"]['Row'], Database["public"]['Tables']["runbook_runs"]['ComputedFields']>,"p_step": Omit<Database["public"]['Tables']["runbook_steps"]['Row'], Database["public"]['Tables']["runbook_steps"]['ComputedFields']> }; Returns: Json
                           },
"_work":
{ Args: { "p_step": Omit<Database["public"]['Tables']["task_steps"]['Row'], Database["public"]['Tables']["task_steps"]['ComputedFields']>,"p_task": Omit<Database["public"]['Tables']["tasks"]['Row'], Database["public"]['Tables']["tasks"]['ComputedFields']> }; Returns: Json
                           },
"_would_pass":
{ Args: { "p_document": Json,"p_tier": string,"p_verdict": Json }; Returns: boolean
                           },
"ack_incident":
{ Args: { "p_chat_id": number,"p_external_id": number,"p_message_id": number,"p_token": string }; Returns: Json
                           },
"advance_runbook":
{ Args: { "p_run_id": string }; Returns: Json
                           },
"answer_runbook":
{ Args: { "p_answer": Json,"p_name": string,"p_run_id": string }; Returns: undefined
                           },
"approve_with_code":
{ Args: { "p_code": string,"p_external_id": number,"p_prompt_id": string }; Returns: Json
                           },
"ask_account":
{ Args: { "p_account_id": string }; Returns: Json
                           },
"ask_breaker":
{ Args: { "p_holder": string,"p_name": string,"p_probe_seconds": number }; Returns: Json
                           },
"ask_drill":
{ Args: { "p_chat_id": number,"p_external_id": number,"p_message_id": number,"p_topic_id": number }; Returns: Json
                           },
"ask_fallback_check":
{ Args: { "p_chat_id": number,"p_external_id": number,"p_message_id": number,"p_topic_id": number }; Returns: Json
                           },
"authorize_effect":
{ Args: { "p_checksum": string,"p_fence": number,"p_part_count": number,"p_step_id": string,"p_target_chat_id": number,"p_target_topic_id": number }; Returns: Json
                           },
"begin_attempt":
{ Args: { "p_effect_id": string,"p_fence": number,"p_part": number }; Returns: Json
                           },
"begin_drill":
{ Args: { "p_chat_id": number,"p_worker": string }; Returns: Json
                           },
"begin_enrolment":
{ Args: { "p_chat_id": number,"p_external_id": number }; Returns: Json
                           },
"begin_fallback_check":
{ Args: { "p_chat_id": number,"p_worker": string }; Returns: Json
                           },
"block_payer":
{ Args: { "p_external_id": number,"p_is_blocked": boolean,"p_payer": string,"p_reason": string }; Returns: Json
                           },
"cancel_task":
{ Args: { "p_external_id": number,"p_reason": string,"p_task_id": string }; Returns: Json
                           },
"claim_change_news":
{ Args: { "p_change_id": string }; Returns: Json
                           },
"claim_lease":
{ Args: { "p_holder": string,"p_name": string,"p_seconds": number }; Returns: Json
                           },
"claim_request":
{ Args: { "p_lease_seconds": number,"p_request_id": string,"p_worker": string }; Returns: Json
                           },
"claim_step":
{ Args: { "p_lease_seconds": number,"p_step_id": string,"p_worker": string }; Returns: Json
                           },
"claim_task_view":
{ Args: { "p_min_interval_ms": number,"p_task_id": string }; Returns: Json
                           },
"claim_updates":
{ Args: { "p_lease_seconds": number,"p_limit": number,"p_urgent_only"?: boolean,"p_worker": string }; Returns: Json
                           },
"close_incidents":
{ Args: Record<PropertyKey, never>; Returns: Json
                           },
"close_prompt":
{ Args: { "p_prompt_id": string }; Returns: undefined
                           },
"complete_critique":
{ Args: { "p_artifact": Json,"p_critique": Json,"p_fence": number,"p_injection"?: Json,"p_input_hash": string,"p_is_rehearsal": boolean,"p_lease_seconds": number,"p_part_count": number,"p_post": Json,"p_spent"?: Json,"p_step_id": string,"p_worker": string }; Returns: Json
                           },
"complete_plan":
{ Args: { "p_artifact": Json,"p_channels": Json,"p_executors": Json,"p_fence": number,"p_input_hash": string,"p_is_rehearsal": boolean,"p_lease_seconds": number,"p_nodes": Json,"p_spent"?: Json,"p_step_id": string,"p_summary": string,"p_worker": string }; Returns: Json
                           },
"complete_step":
{ Args: { "p_artifacts": Json,"p_fence": number,"p_input_hash": string,"p_is_rehearsal": boolean,"p_lease_seconds": number,"p_spent"?: Json,"p_step_id": string,"p_worker": string }; Returns: Json
                           },
"complete_update":
{ Args: { "p_error": string,"p_inbox_id": number,"p_outcome": string,"p_worker": string }; Returns: Json
                           },
"confirm_chats":
{ Args: { "p_chat_ids": Json }; Returns: Json
                           },
"confirm_enrolment":
{ Args: { "p_chat_id": number,"p_code": string,"p_external_id": number }; Returns: Json
                           },
"create_task":
{ Args: { "p_actor": string,"p_chat_id": number,"p_external_id": number,"p_goal": string,"p_input": Json,"p_request_message_id": number,"p_source": string,"p_source_key": string,"p_topic_id": number }; Returns: Json
                           },
"decide_approval":
{ Args: { "p_as_role": string,"p_chat_id": number,"p_decision": string,"p_external_id": number,"p_message_id": number,"p_reason": string,"p_reference": string,"p_source": string,"p_token": string }; Returns: Json
                           },
"decide_change":
{ Args: { "p_as_role": string,"p_chat_id": number,"p_decision": string,"p_external_id": number,"p_message_id": number,"p_reason": string,"p_reference": string,"p_source": string,"p_token": string }; Returns: Json
                           },
"decide_doubt":
{ Args: { "p_answer": string,"p_chat_id": number,"p_external_id": number,"p_message_id": number,"p_token": string }; Returns: Json
                           },
"delete_short_term":
{ Args: { "p_key": string }; Returns: undefined
                           },
"edit_request":
{ Args: { "p_artifact": Json,"p_external_id": number,"p_reference": string }; Returns: Json
                           },
"end_worker":
{ Args: { "p_worker": string }; Returns: undefined
                           },
"evaluate_requirements":
{ Args: { "p_facts": Json,"p_requirements": Json }; Returns: Json
                           },
"explain_task":
{ Args: { "p_task_id": string }; Returns: Json
                           },
"export_task":
{ Args: { "p_task_id": string }; Returns: Json
                           },
"fail_step":
{ Args: { "p_code": string,"p_fence": number,"p_is_retryable": boolean,"p_message": string,"p_step_id": string }; Returns: Json
                           },
"find_people":
{ Args: { "p_username": string }; Returns: Json
                           },
"find_policy_offer":
{ Args: { "p_chat_id": number,"p_message_id": number,"p_token": string }; Returns: Json
                           },
"find_prompt":
{ Args: { "p_chat_id": number,"p_external_id": number,"p_reply_to_message_id": number }; Returns: Json
                           },
"free_chats":
{ Args: { "p_chat_ids": Json }; Returns: Json
                           },
"freeze_chat":
{ Args: { "p_chat_id": number,"p_new_chat_id": number }; Returns: Json
                           },
"get_anchor_state":
{ Args: Record<PropertyKey, never>; Returns: Json
                           },
"get_change":
{ Args: { "p_reference": string }; Returns: Json
                           },
"get_drill":
{ Args: { "p_drill_id": string }; Returns: Json
                           },
"get_policy":
{ Args: { "p_version"?: number }; Returns: Json
                           },
"get_policy_draft":
{ Args: { "p_checksum": string,"p_document_checksum": string }; Returns: Json
                           },
"get_policy_origin":
{ Args: { "p_version": number }; Returns: Json
                           },
"get_post_mortem":
{ Args: { "p_chat_id": number,"p_external_id": number,"p_message_id": number,"p_token": string }; Returns: Json
                           },
"get_prompts":
{ Args: Record<PropertyKey, never>; Returns: Json
                           },
"get_request":
{ Args: { "p_request_id": string }; Returns: Json
                           },
"get_short_term":
{ Args: { "p_key": string }; Returns: Json
                           },
"get_stop_state":
{ Args: Record<PropertyKey, never>; Returns: Json
                           },
"get_system_status":
{ Args: Record<PropertyKey, never>; Returns: Json
                           },
"get_task":
{ Args: { "p_task_id": string }; Returns: Json
                           },
"heartbeat":
{ Args: { "p_generation_seen": number,"p_roles": string,"p_worker": string }; Returns: Json
                           },
"keep_failed_call":
{ Args: { "p_answer": string,"p_code": string,"p_elapsed_ms": number,"p_name": string,"p_request": Json,"p_status": number }; Returns: undefined
                           },
"keep_rule":
{ Args: { "p_chat_id": number,"p_external_id": number,"p_message_id": number,"p_token": string }; Returns: Json
                           },
"lift_rule":
{ Args: { "p_external_id": number,"p_reference": string }; Returns: Json
                           },
"list_applied_migrations":
{ Args: Record<PropertyKey, never>; Returns: Json
                           },
"list_audit_ranges":
{ Args: { "p_size": number }; Returns: Json
                           },
"list_breakers":
{ Args: Record<PropertyKey, never>; Returns: Json
                           },
"list_cards":
{ Args: { "p_step_id": string }; Returns: Json
                           },
"list_deciders":
{ Args: { "p_reference": string }; Returns: Json
                           },
"list_ended_resume_cards":
{ Args: Record<PropertyKey, never>; Returns: Json
                           },
"list_events":
{ Args: { "p_task_id": string }; Returns: Json
                           },
"list_limits":
{ Args: { "p_external_id": number }; Returns: Json
                           },
"list_people":
{ Args: { "p_roles": Json }; Returns: Json
                           },
"list_posted_tasks":
{ Args: { "p_chat_id": number,"p_message_id": number }; Returns: Json
                           },
"list_roles":
{ Args: Record<PropertyKey, never>; Returns: Json
                           },
"list_rules":
{ Args: Record<PropertyKey, never>; Returns: Json
                           },
"list_silent_holders":
{ Args: Record<PropertyKey, never>; Returns: Json
                           },
"list_task_artifacts":
{ Args: { "p_task_id": string }; Returns: Json
                           },
"list_tasks":
{ Args: { "p_limit": number,"p_status": string }; Returns: Json
                           },
"list_unkept_anchors":
{ Args: { "p_limit": number,"p_place": string }; Returns: Json
                           },
"list_unstreamed_events":
{ Args: { "p_limit": number }; Returns: Json
                           },
"list_workers":
{ Args: Record<PropertyKey, never>; Returns: Json
                           },
"make_anchor":
{ Args: { "p_interval_seconds": number }; Returns: Json
                           },
"meet_person":
{ Args: { "p_display_name": string,"p_external_id": number,"p_is_private": boolean,"p_username": string }; Returns: Json
                           },
"move_card":
{ Args: { "p_card_id": string,"p_from_message_id": number,"p_to_message_id": number }; Returns: Json
                           },
"mute_incident":
{ Args: { "p_chat_id": number,"p_external_id": number,"p_message_id": number,"p_seconds": number,"p_token": string }; Returns: Json
                           },
"offer_policy_file":
{ Args: { "p_checksum": string,"p_document": Json,"p_source": string }; Returns: Json
                           },
"offer_rule":
{ Args: { "p_chat_id": number,"p_external_id": number,"p_reference": string }; Returns: Json
                           },
"open_card":
{ Args: { "p_chat_id": number,"p_step_id": string,"p_topic_id": number }; Returns: Json
                           },
"open_change_card":
{ Args: { "p_announced_in"?: Json,"p_change_id": string,"p_chat_id": number,"p_topic_id": number }; Returns: Json
                           },
"open_change_prompt":
{ Args: { "p_card_message_id": number,"p_chat_id": number,"p_external_id": number,"p_token": string,"p_topic_id": number }; Returns: Json
                           },
"open_doubt_card":
{ Args: { "p_chat_id": number,"p_effect_id": string,"p_topic_id": number }; Returns: Json
                           },
"open_incident_card":
{ Args: { "p_chat_id": number,"p_incident_id": string,"p_topic_id": number }; Returns: Json
                           },
"open_incident_runbook":
{ Args: { "p_chat_id": number,"p_external_id": number,"p_message_id": number,"p_token": string }; Returns: Json
                           },
"open_policy_offer":
{ Args: { "p_chat_id": number,"p_topic_id": number }; Returns: Json
                           },
"open_prompt":
{ Args: { "p_card_message_id": number,"p_chat_id": number,"p_external_id": number,"p_kind": string,"p_token": string,"p_topic_id": number }; Returns: Json
                           },
"open_resume_card":
{ Args: { "p_chat_id": number,"p_topic_id": number }; Returns: Json
                           },
"open_runbook_card":
{ Args: { "p_run_id": string }; Returns: Json
                           },
"park_effect":
{ Args: { "p_breaker": string,"p_effect_id": string,"p_fence": number,"p_note": string,"p_step_id": string }; Returns: Json
                           },
"postpone_task_view":
{ Args: { "p_delay_ms": number,"p_task_id": string }; Returns: Json
                           },
"propose_break_glass":
{ Args: { "p_external_id": number,"p_reason": string,"p_task_id": string }; Returns: Json
                           },
"propose_change":
{ Args: { "p_external_id": number,"p_kind": string,"p_payload": Json,"p_reason": string }; Returns: Json
                           },
"propose_policy":
{ Args: { "p_checksum": string,"p_document": Json,"p_external_id": number,"p_reason": string,"p_source": string }; Returns: Json
                           },
"propose_runbook":
{ Args: { "p_chat_id": number,"p_external_id": number,"p_name": string,"p_subject": string,"p_topic_id": number }; Returns: Json
                           },
"put_short_term":
{ Args: { "p_key": string,"p_ttl_seconds": number,"p_value": Json }; Returns: undefined
                           },
"raise_drill":
{ Args: { "p_drill_id": string }; Returns: Json
                           },
"raise_incident":
{ Args: { "p_evidence": Json,"p_key": string,"p_kind": string,"p_severity": string,"p_title": string }; Returns: undefined
                           },
"reask_request":
{ Args: { "p_chat_id": number,"p_external_id": number,"p_message_id": number,"p_token": string }; Returns: Json
                           },
"recall_artifacts":
{ Args: { "p_fence": number,"p_limit": number,"p_query": string,"p_reason": string,"p_step_id": string }; Returns: Json
                           },
"record_account":
{ Args: { "p_account_id": string,"p_asked_seq": number,"p_numbers": Json,"p_positions": Json }; Returns: Json
                           },
"record_anchor_kept":
{ Args: { "p_number": number,"p_place": string,"p_reference": string }; Returns: Json
                           },
"record_anchor_problem":
{ Args: { "p_number": number,"p_place": string,"p_problem": string }; Returns: undefined
                           },
"record_attempt":
{ Args: { "p_code": string,"p_external_id": number,"p_what": string }; Returns: Json
                           },
"record_call":
{ Args: { "p_id": string,"p_level": number }; Returns: undefined
                           },
"record_card":
{ Args: { "p_card_id": string,"p_message_id": number }; Returns: Json
                           },
"record_card_shown":
{ Args: { "p_card_id": string,"p_mark": string }; Returns: undefined
                           },
"record_enrolment_shown":
{ Args: { "p_external_id": number,"p_message_id": number }; Returns: undefined
                           },
"record_events_streamed":
{ Args: { "p_event_ids": Json }; Returns: Json
                           },
"record_greeting":
{ Args: { "p_external_id": number }; Returns: undefined
                           },
"record_incident_shown":
{ Args: { "p_incident_id": string,"p_seq": number }; Returns: undefined
                           },
"record_payer_check":
{ Args: { "p_external_id": number,"p_item": string,"p_outcome": string,"p_payer": string,"p_valid_until": string }; Returns: Json
                           },
"record_prompt_message":
{ Args: { "p_message_id": number,"p_prompt_id": string }; Returns: undefined
                           },
"record_prompts":
{ Args: { "p_hashes": Json,"p_worker": string }; Returns: Json
                           },
"record_shown":
{ Args: { "p_dry_run": Json,"p_problem": string,"p_request_id": string,"p_worker": string }; Returns: Json
                           },
"record_staged_part":
{ Args: { "p_chat_id": number,"p_message_id": number,"p_part": number,"p_request_id": string,"p_topic_id": number,"p_worker": string }; Returns: Json
                           },
"record_task_message":
{ Args: { "p_message_id": number,"p_task_id": string }; Returns: Json
                           },
"record_updates":
{ Args: { "p_source": string,"p_updates": Json }; Returns: Json
                           },
"release_lease":
{ Args: { "p_holder": string,"p_name": string }; Returns: Json
                           },
"release_request":
{ Args: { "p_delay_ms": number,"p_request_id": string,"p_worker": string }; Returns: Json
                           },
"release_step":
{ Args: { "p_delay_ms": number,"p_fence": number,"p_step_id": string }; Returns: Json
                           },
"renew_lease":
{ Args: { "p_fence": number,"p_lease_seconds": number,"p_step_id": string }; Returns: Json
                           },
"renew_updates":
{ Args: { "p_lease_seconds": number,"p_worker": string }; Returns: Json
                           },
"report_breaker":
{ Args: { "p_code": string,"p_holder": string,"p_is_ok": boolean,"p_name": string }; Returns: Json
                           },
"repropose_change":
{ Args: { "p_chat_id": number,"p_external_id": number,"p_message_id": number,"p_token": string }; Returns: Json
                           },
"reserve_spend":
{ Args: { "p_cost_usd": number,"p_engine": string,"p_fence": number,"p_step_id": string,"p_tokens": number }; Returns: Json
                           },
"resolve_incident":
{ Args: { "p_chat_id": number,"p_external_id": number,"p_message_id": number,"p_token": string }; Returns: Json
                           },
"restage_request":
{ Args: { "p_fence": number,"p_reason": string,"p_step_id": string }; Returns: Json
                           },
"resume_effects":
{ Args: { "p_chat_id": number,"p_choice": string,"p_external_id": number,"p_message_id": number,"p_reason": string,"p_token": string }; Returns: Json
                           },
"retrieve_artifacts":
{ Args: { "p_fence": number,"p_limit": number,"p_query": string,"p_step_id": string }; Returns: Json
                           },
"return_probe":
{ Args: { "p_holder": string,"p_name": string }; Returns: Json
                           },
"review_break_glass":
{ Args: { "p_external_id": number,"p_task_id": string,"p_text": string }; Returns: Json
                           },
"search_artifacts":
{ Args: { "p_limit": number,"p_query": string,"p_task_id": string }; Returns: Json
                           },
"seed_people":
{ Args: { "p_people": Json }; Returns: Json
                           },
"seed_policy":
{ Args: { "p_checksum": string,"p_document": Json,"p_source": string }; Returns: Json
                           },
"settle_attempt":
{ Args: { "p_attempt_id": string,"p_chat_id": number,"p_error": string,"p_message_id": number,"p_outcome": string,"p_topic_id": number }; Returns: Json
                           },
"settle_drill":
{ Args: { "p_drill_id": string,"p_gate": Json }; Returns: Json
                           },
"settle_effect":
{ Args: { "p_effect_id": string,"p_fence": number,"p_lease_seconds": number,"p_note": string,"p_outcome": string,"p_retry_after_ms": number,"p_step_id": string,"p_worker": string }; Returns: Json
                           },
"settle_fallback_check":
{ Args: { "p_check_id": string,"p_results": Json }; Returns: Json
                           },
"settle_spend":
{ Args: { "p_call_id": string,"p_cost_usd": number,"p_input_tokens": number,"p_latency_ms": number,"p_model": string,"p_outcome": string,"p_output_tokens": number }; Returns: Json
                           },
"show_request":
{ Args: { "p_chat_id": number,"p_external_id": number,"p_message_id": number,"p_reference": string,"p_token": string }; Returns: Json
                           },
"simulate_policy":
{ Args: { "p_days": number,"p_document": Json }; Returns: Json
                           },
"start_runbook":
{ Args: { "p_chat_id": number,"p_external_id": number,"p_message_id": number,"p_token": string }; Returns: Json
                           },
"stop_effects":
{ Args: { "p_external_id": number,"p_reason": string,"p_scope": string,"p_source_key"?: string }; Returns: Json
                           },
"sweep":
{ Args: { "p_patience_ms": number }; Returns: Json
                           },
"sweep_incidents":
{ Args: Record<PropertyKey, never>; Returns: Json
                           },
"take_over":
{ Args: { "p_worker": string }; Returns: Json
                           },
"verify_audit_anchors":
{ Args: { "p_kept": Json }; Returns: Json
                           },
"verify_audit_chain":
{ Args: { "p_chain": string }; Returns: Json
                           },
"verify_audit_range":
{ Args: { "p_after_chain": string,"p_after_seq": number,"p_until_chain": string,"p_until_seq": number }; Returns: Json
                           },
"wait_step":
{ Args: { "p_delay_ms": number,"p_fence": number,"p_step_id": string,"p_waits_for": string }; Returns: Json
                           },
"withdraw_change":
{ Args: { "p_external_id": number,"p_reason": string,"p_reference": string }; Returns: Json
                           }
          }
          Enums: {
            [_ in never]: never
          }
          CompositeTypes: {
            [_ in never]: never
          }
        }
}

type DatabaseWithoutInternals = Omit<Database, '__InternalSupabase'>

type DefaultSchema = DatabaseWithoutInternals[Extract<keyof Database, "public">]

export type Tables<
  DefaultSchemaTableNameOrOptions extends
    | keyof (DefaultSchema["Tables"] & DefaultSchema["Views"])
    | { schema: keyof DatabaseWithoutInternals },
  TableName extends DefaultSchemaTableNameOrOptions extends {
    schema: keyof DatabaseWithoutInternals
  }
    ? keyof (DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]]["Tables"] &
        DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]]["Views"])
    : never = never
> = DefaultSchemaTableNameOrOptions extends { schema: keyof DatabaseWithoutInternals }
  ? (DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]]["Tables"] &
      DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]]["Views"])[TableName] extends {
      Row: infer R
    }
    ? R
    : never
  : DefaultSchemaTableNameOrOptions extends keyof (DefaultSchema["Tables"] & DefaultSchema["Views"])
  ? (DefaultSchema["Tables"] & DefaultSchema["Views"])[DefaultSchemaTableNameOrOptions] extends {
      Row: infer R
    }
    ? R
    : never
  : never

export type TablesInsert<
  DefaultSchemaTableNameOrOptions extends
    | keyof DefaultSchema["Tables"]
    | { schema: keyof DatabaseWithoutInternals },
  TableName extends DefaultSchemaTableNameOrOptions extends {
    schema: keyof DatabaseWithoutInternals
  }
    ? keyof DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]]["Tables"]
    : never = never
> = DefaultSchemaTableNameOrOptions extends { schema: keyof DatabaseWithoutInternals }
  ? DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]]["Tables"][TableName] extends {
      Insert: infer I
    }
    ? I
    : never
  : DefaultSchemaTableNameOrOptions extends keyof DefaultSchema["Tables"]
  ? DefaultSchema["Tables"][DefaultSchemaTableNameOrOptions] extends {
      Insert: infer I
    }
    ? I
    : never
  : never

export type TablesUpdate<
  DefaultSchemaTableNameOrOptions extends
    | keyof DefaultSchema["Tables"]
    | { schema: keyof DatabaseWithoutInternals },
  TableName extends DefaultSchemaTableNameOrOptions extends {
    schema: keyof DatabaseWithoutInternals
  }
    ? keyof DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]]["Tables"]
    : never = never
> = DefaultSchemaTableNameOrOptions extends { schema: keyof DatabaseWithoutInternals }
  ? DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]]["Tables"][TableName] extends {
      Update: infer U
    }
    ? U
    : never
  : DefaultSchemaTableNameOrOptions extends keyof DefaultSchema["Tables"]
  ? DefaultSchema["Tables"][DefaultSchemaTableNameOrOptions] extends {
      Update: infer U
    }
    ? U
    : never
  : never

export type Enums<
  DefaultSchemaEnumNameOrOptions extends
    | keyof DefaultSchema["Enums"]
    | { schema: keyof DatabaseWithoutInternals },
  EnumName extends DefaultSchemaEnumNameOrOptions extends {
    schema: keyof DatabaseWithoutInternals
  }
    ? keyof DatabaseWithoutInternals[DefaultSchemaEnumNameOrOptions["schema"]]["Enums"]
    : never = never
> = DefaultSchemaEnumNameOrOptions extends { schema: keyof DatabaseWithoutInternals }
  ? DatabaseWithoutInternals[DefaultSchemaEnumNameOrOptions["schema"]]["Enums"][EnumName]
  : DefaultSchemaEnumNameOrOptions extends keyof DefaultSchema["Enums"]
  ? DefaultSchema["Enums"][DefaultSchemaEnumNameOrOptions]
  : never

export type CompositeTypes<
  PublicCompositeTypeNameOrOptions extends
    | keyof DefaultSchema["CompositeTypes"]
    | { schema: keyof DatabaseWithoutInternals },
  CompositeTypeName extends PublicCompositeTypeNameOrOptions extends {
    schema: keyof DatabaseWithoutInternals
  }
    ? keyof DatabaseWithoutInternals[PublicCompositeTypeNameOrOptions["schema"]]["CompositeTypes"]
    : never = never
> = PublicCompositeTypeNameOrOptions extends { schema: keyof DatabaseWithoutInternals }
  ? DatabaseWithoutInternals[PublicCompositeTypeNameOrOptions["schema"]]["CompositeTypes"][CompositeTypeName]
  : PublicCompositeTypeNameOrOptions extends keyof DefaultSchema["CompositeTypes"]
  ? DefaultSchema["CompositeTypes"][PublicCompositeTypeNameOrOptions]
  : never

export const Constants = {
  "public": {
          Enums: {
            
          }
        }
} as const
